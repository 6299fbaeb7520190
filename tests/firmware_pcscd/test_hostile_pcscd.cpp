// Cards that want to break the terminal, in the virtual reader of a real pcscd.
#include "drivers/event_queue.h"
#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"
#include "tests/firmware/hostile_town.h"
#include "tests/firmware/resources.h"

#include <algorithm>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;

namespace {

constexpr auto readerName = "Virtual PCD 00 00";
constexpr Milliseconds slow{3};                 // of an answer; far below the limit of an exchange
constexpr std::uint64_t longestWarmUp = 1000;   // the outcome log is full by then
constexpr std::uint64_t growthKib = 6144;       // afterwards
constexpr std::chrono::seconds removalLimit{5}; // pcscd looks for virtual cards every 400 ms

// One body in the reader; what it is changes with each reset.
class ChangingCard : public sim::CardSoftware {
  public:
    explicit ChangingCard(std::shared_ptr<sim::CardSoftware> first) : next_(first), card_(std::move(first)) {}

    // From the next reset on.
    void become(std::shared_ptr<sim::CardSoftware> next) {
        const std::lock_guard lock(mutex_);
        next_ = std::move(next);
    }

    // Any thread may ask.
    [[nodiscard]] Bytes atr() const override {
        const std::lock_guard lock(mutex_);
        return card_->atr();
    }
    std::optional<Bytes> answer(ByteView command) override { return card_->answer(command); }
    void reset() override {
        const std::lock_guard lock(mutex_);
        card_ = next_;
        card_->reset();
    }

  private:
    mutable std::mutex mutex_;
    std::shared_ptr<sim::CardSoftware> next_;
    std::shared_ptr<sim::CardSoftware> card_; // set by the slot's thread only
};

// Tells the ATR of the body: vpcd has no attribute for it, and after a warm reset the monitor has the old
// one.
class BodyConnection : public hal::CardConnection {
  public:
    BodyConnection(std::unique_ptr<hal::CardConnection> connection, const ChangingCard& body)
        : connection_(std::move(connection)), atr_(body.atr()) {}

    [[nodiscard]] Bytes atr() const override { return atr_; }
    Result<Bytes> transmit(ByteView command) override { return connection_->transmit(command); }
    Result<void> reset() override { return connection_->reset(); }
    Result<void> beginExclusive() override { return connection_->beginExclusive(); }
    void endExclusive() override { connection_->endExclusive(); }

  private:
    std::unique_ptr<hal::CardConnection> connection_;
    Bytes atr_;
};

// The reader of the lane. The card lies in it all the time, because pcscd would need 400 ms to see each come
// and go: the test says when it is presented, and every connection begins with a warm reset.
class ResettingReader : public hal::CardReader {
  public:
    ResettingReader(std::shared_ptr<hal::CardReader> reader, std::shared_ptr<ChangingCard> body)
        : reader_(std::move(reader)), body_(std::move(body)) {}

    void announce(hal::CardEvent::Kind kind, MonotonicTime seen) { events_.push({kind, {}, seen}); }

    [[nodiscard]] hal::ReaderInfo info() const override { return {readerName, hal::SlotKind::contactless}; }
    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override {
        return events_.next(stop, timeout);
    }
    Result<std::unique_ptr<hal::CardConnection>> connect() override {
        auto connection = reader_->connect();
        if (!connection)
            return connection;
        if (const auto reset = (*connection)->reset(); !reset)
            return failWith(reset);
        return std::make_unique<BodyConnection>(std::move(*connection), *body_);
    }

  private:
    std::shared_ptr<hal::CardReader> reader_;
    std::shared_ptr<ChangingCard> body_;
    drivers::EventQueue events_;
};

struct PcscTown : HostileTown {
    explicit PcscTown(drivers::pcsc::Limits limits = {}) : pcsc(drivers::Pcsc::start(systemClock, limits)) {}
    // The next test finds an empty reader.
    ~PcscTown() {
        slot.remove();
        const auto observer = pcsc->reader(readerName);
        auto event = observer->nextEvent({}, Milliseconds{0});
        while (event && *event && (*event)->kind == hal::CardEvent::Kind::inserted)
            event = observer->nextEvent({}, Milliseconds{removalLimit});
    }

    void waitUntilEmpty() {
        std::unique_lock lock(mutex);
        REQUIRE(changed.wait_for(lock, removalLimit,
                                 [this] { return !terminal->lanes().at(readerName).occupied; }));
    }

    drivers::SystemClock systemClock;
    std::shared_ptr<drivers::Pcsc> pcsc;
    sim::VpcdSlot slot;
};

struct Bench : PcscTown {
    explicit Bench(drivers::pcsc::Limits limits = {}) : PcscTown(limits) {
        slot.insert(body);
        const auto observer = pcsc->reader(readerName);
        const auto event = observer->nextEvent({}, Milliseconds{removalLimit});
        REQUIRE(event);
        REQUIRE(event->has_value());
        REQUIRE((*event)->kind == hal::CardEvent::Kind::inserted);
    }

    firmware::terminal::Outcome show(const std::shared_ptr<sim::CardSoftware>& card) {
        clock.advance(4s); // longer than a bounce
        body->become(card);
        const auto before = terminal->outcomes().newest();
        reader->announce(hal::CardEvent::Kind::inserted, clock.now().monotonic);
        auto outcome = outcomeAfter(before);
        reader->announce(hal::CardEvent::Kind::removed, clock.now().monotonic);
        waitUntilEmpty();
        return outcome;
    }
    firmware::terminal::Outcome endureOne(const Attack& attack, Milliseconds delay = slow) {
        return endure(
            attack, [this](const auto& card) { return show(card); }, delay);
    }

    std::shared_ptr<ChangingCard> body = std::make_shared<ChangingCard>(citizens.front().card);
    std::shared_ptr<ResettingReader> reader =
        std::make_shared<ResettingReader>(pcsc->reader(readerName), body);
    RunningLane running{*terminal, *store, clock, pseudonymKey, cardSettings, ride, reader, samReader};
};

// A lane on the driver itself: cards really come and go.
struct Street : PcscTown {
    firmware::terminal::Outcome show(const std::shared_ptr<sim::CardSoftware>& card) {
        clock.advance(4s);
        const auto before = terminal->outcomes().newest();
        slot.insert(card);
        auto outcome = outcomeAfter(before);
        slot.remove();
        waitUntilEmpty();
        return outcome;
    }

    RunningLane running{*terminal,
                        *store,
                        clock,
                        pseudonymKey,
                        cardSettings,
                        ride,
                        pcsc->reader(readerName, hal::SlotKind::contactless),
                        samReader};
};

std::uint64_t announcedSeed(const char* what) {
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::printf("hostile cards over pcscd, %s: YKT_SEED=%llu\n", what, static_cast<unsigned long long>(seed));
    return seed;
}

// A card that does not answer costs the 800 ms in which its removal might be seen: seldom. Slow ones are not
// among those that are drawn.
Attack drawFor(std::uint64_t number, const Bench& bench, std::mt19937_64& random) {
    auto attack = bench.draw(random);
    while (attack.mode == sim::HostileMode::mute && number % 10 != 0)
        attack = bench.draw(random);
    if (number % 10 == 1)
        attack.mode = sim::HostileMode::slow;
    return attack;
}

} // namespace

TEST_CASE("2,000 hostile presentations over pcscd leave the terminal ready, memory flat, and let nobody "
          "through who did not prove it") {
    const auto seed = announcedSeed("reset");
    const auto presentations = numberFrom("YKT_PRESENTATIONS", sanitized ? 300 : 2'000);
    const auto warmUp = std::min(longestWarmUp, presentations / 2);
    std::mt19937_64 random(seed);
    Bench bench;
    Resources warm;
    for (std::uint64_t number = 0; number < presentations; ++number) {
        if (number == warmUp)
            warm = resources();
        INFO("seed " << seed << ", presentation " << number);
        bench.endureOne(drawFor(number, bench, random));
    }
    bench.tell();
    checkNothingPiledUp(warm, warmUp, growthKib);
    CHECK(bench.seen["accepted"] > 0);
    CHECK(bench.seen["reader_silent"] == 0);
    CHECK(bench.seen["service_gone"] == 0);
    bench.checkReady(readerName, [&bench](const auto& card) { return bench.show(card); });
}

TEST_CASE("cards that answer later than the driver waits are given up on, and the next one is served") {
    constexpr drivers::pcsc::Limits limits{.exchange = 1500ms, .exclusive = 300ms};
    Bench bench(limits);
    for (std::size_t at = 0; at < 2; ++at) {
        const Attack attack{.mode = sim::HostileMode::slow, .at = at, .citizen = 0, .other = 1};
        const auto outcome = bench.endureOne(attack, limits.exchange + 300ms);
        INFO("from command " << at << ": " << outcome.context);
        REQUIRE(outcome.reason);
        CHECK(nameOf(*outcome.reason) == nameOf(Reason::reader_silent));
        bench.clock.advance(1min);
        CHECK(bench.show(bench.citizens.front().card).signal == hal::Signal::accepted);
    }
}

TEST_CASE("hostile cards that are put into the reader and taken out again are endured as well") {
    const auto seed = announcedSeed("inserted");
    std::mt19937_64 random(seed);
    Street street;
    for (int number = 0; number < 20; ++number) {
        INFO("seed " << seed << ", insertion " << number);
        street.endure(street.draw(random), [&street](const auto& card) { return street.show(card); });
    }
    street.clock.advance(1min);
    const auto outcome = street.show(street.citizens.front().card);
    CHECK(outcome.signal == hal::Signal::accepted);
}
