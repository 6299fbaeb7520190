// Readers and a pcscd that never answer. PC/SC waits for them without end; the driver does not.
#include "virtual_reader.h"

#include <catch2/catch.hpp>
#include <future>

using namespace testing;
using namespace std::chrono_literals;

namespace {

constexpr drivers::pcsc::Limits kShort{.exchange = 500ms, .exclusive = 300ms};
constexpr Milliseconds kCeiling = 10s; // far below the 60 s of the silence; a busy machine may be slow

// Answers until it is silenced; then vpcd and pcscd wait for it until speak().
class SilenceableCard : public sim::CardSoftware {
  public:
    [[nodiscard]] Bytes atr() const override {
        waitForSpeech();
        return kAtr;
    }
    std::optional<Bytes> answer(ByteView /*command*/) override {
        waitForSpeech();
        return kOk;
    }
    void reset() override {}

    void silence() { set(true); }
    void speak() { set(false); }

  private:
    void set(bool silent) {
        {
            const std::lock_guard lock(mutex_);
            silent_ = silent;
        }
        changed_.notify_all();
    }
    void waitForSpeech() const {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, 60s, [this] { return !silent_; });
    }

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    bool silent_ = false;
};

struct SilenceableWorld : World {
    SilenceableWorld() : World(kShort) {
        slot.insert(card);
        if (nextEvent(*reader).kind != Kind::inserted)
            throw std::runtime_error("not inserted");
    }
    ~SilenceableWorld() { card->speak(); }

    // How long `call` takes.
    template <typename Call>
    Milliseconds timed(Call&& call) {
        const auto begin = clock.now().monotonic;
        call();
        return std::chrono::duration_cast<Milliseconds>(clock.now().monotonic - begin);
    }

    std::shared_ptr<SilenceableCard> card = std::make_shared<SilenceableCard>();
};

// Returns when all threads of pcscd stand still.
void stopPcscd() {
    pcscd(R"(kill -STOP $(cat "$YKT_PCSCD_DIR/pcscd.pid") && for tries in $(seq 500); do
                 grep -qs "^State:[[:space:]]*[^T[:space:]]" /proc/$(cat "$YKT_PCSCD_DIR/pcscd.pid")/task/*/status || break
                 sleep 0.01
             done)");
}
void continuePcscd() {
    pcscd(R"(kill -CONT $(cat "$YKT_PCSCD_DIR/pcscd.pid"))");
}

} // namespace

TEST_CASE("a reader that never answers is given up on, and other readers work meanwhile") {
    SilenceableWorld world;
    const auto second = world.pcsc->reader("Virtual PCD 00 01");
    sim::VpcdSlot secondSlot(sim::VpcdSlot::firstPort + 1);
    secondSlot.insert(std::make_shared<ScriptedCard>());
    REQUIRE(nextEvent(*second).kind == Kind::inserted);
    const auto other = *second->connect();
    auto card = *world.reader->connect();
    REQUIRE(card->transmit(kCommand) == kOk);

    world.card->silence();
    auto silent = std::async(std::launch::async, [&] {
        Result<Bytes> answer;
        const auto took = world.timed([&] { answer = card->transmit(kCommand); });
        CHECK(answer.error() == Reason::reader_silent);
        return took;
    });
    int answered = 0;
    while (silent.wait_for(0s) != std::future_status::ready)
        answered += other->transmit(kCommand) == kOk ? 1 : 0;
    const auto took = silent.get();
    CAPTURE(took.count());
    CHECK(took >= kShort.exchange);
    CHECK(took < kCeiling);
    CHECK(answered > 0);

    CHECK(world.timed([&] { CHECK(card->transmit(kCommand).error() == Reason::reader_silent); }) < kCeiling);
    CHECK(world.timed([&] { CHECK(card->reset().error() == Reason::reader_silent); }) < kCeiling);
    CHECK(world.timed([&] { CHECK(card->beginExclusive().error() == Reason::reader_silent); }) < kCeiling);
    CHECK(world.timed([&] { card.reset(); }) < kCeiling);
    CHECK(world.timed([&] { CHECK(world.reader->connect().error() == Reason::reader_silent); }) < kCeiling);
    secondSlot.remove(); // news of the other reader comes through as well
    CHECK(nextEvent(*second).kind == Kind::removed);
}

TEST_CASE("a silent reader that speaks again is used again") {
    SilenceableWorld world;
    for (int round = 0; round < 3; ++round) {
        INFO("round " << round);
        const auto card = world.reader->connect();
        REQUIRE(card);
        REQUIRE((*card)->transmit(kCommand) == kOk);
        world.card->silence();
        CHECK((*card)->transmit(kCommand).error() == Reason::reader_silent);
        world.card->speak();
    }
    CHECK((*world.reader->connect())->transmit(kCommand) == kOk);
}

TEST_CASE("a reader that falls silent at a warm reset is given up on, and so is the next connect") {
    SilenceableWorld world;
    const auto card = *world.reader->connect();
    world.card->silence();
    const auto took = world.timed([&] { CHECK(card->reset().error() == Reason::reader_silent); });
    CAPTURE(took.count());
    CHECK(took < kCeiling);
    CHECK(world.timed([&] { CHECK_FALSE(world.reader->connect()); }) < kCeiling);
}

TEST_CASE("a pcscd that hangs holds nobody longer than the limits, and is used again when it wakes") {
    World world(kShort);
    world.insert();
    const auto card = *world.reader->connect();
    REQUIRE(card->transmit(kCommand) == kOk);
    stopPcscd();
    const auto begin = world.clock.now().monotonic;
    CHECK(card->transmit(kCommand).error() == Reason::reader_silent);
    CHECK_FALSE(world.reader->connect()); // a session of its own cannot be had either
    {
        const auto another = drivers::Pcsc::start(world.clock, kShort);
        CHECK(another->readerNames().empty());
    }
    CHECK(world.clock.now().monotonic - begin < kCeiling);
    continuePcscd();
    const auto next = world.reader->connect();
    INFO((next ? "" : explain(next.error())));
    REQUIRE(next);
    CHECK((*next)->transmit(kCommand) == kOk);
}
