#include "direct_connection.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

using namespace ykt;
using apdu::sam::Sam;
using test::DirectConnection;
using test::readCard;
using test::ScriptedConnection;
using test::World;

namespace {

// After each session key it gives other threads time to come in before the key is used.
class InviteIntruders : public DirectConnection {
  public:
    using DirectConnection::DirectConnection;

    Result<Bytes> transmit(ByteView command) override {
        std::unique_lock lock(mutex_);
        if (holder_ && *holder_ != std::this_thread::get_id()) {
            intruded_ = true;
            intrusion_.notify_all();
        }
        holder_.reset();
        auto answer = DirectConnection::transmit(command);
        if (command[0] == 0xBF) { // DELIVERY SESSION KEY
            holder_ = std::this_thread::get_id();
            intrusion_.wait_for(lock, Milliseconds(20), [this] { return intruded_; });
        }
        return answer;
    }
    [[nodiscard]] bool intruded() const { return intruded_; }

  private:
    std::mutex mutex_;
    std::condition_variable intrusion_;
    std::optional<std::thread::id> holder_; // of a session key that is not used yet
    bool intruded_ = false;
};

Reason openingFails(std::vector<std::string> answers) {
    return Sam::open(std::make_unique<ScriptedConnection>(std::move(answers))).error().reason;
}

} // namespace

TEST_CASE("A SAM tells its terminal number, and each SAM another one") {
    World world;
    CHECK(world.sam->terminalNumber() == "649999000001");
    CHECK(world.openSam()->terminalNumber() == "649999000002");
}

TEST_CASE("A SAM that cannot be opened says why, in words that are not the card's") {
    CHECK(openingFails({}) == Reason::sam_missing); // mute
    CHECK(openingFails({"6A82"}) == Reason::sam_refused);
    CHECK(openingFails({"6283"}) == Reason::sam_locked);
    CHECK(openingFails({"9303"}) == Reason::sam_locked);
    CHECK(openingFails({"9000", "6A82"}) == Reason::sam_refused);
    CHECK(openingFails({"9000", "64990000000A9000"}) == Reason::sam_refused); // not digits
    CHECK(openingFails({"9000", "64990000009000"}) == Reason::sam_refused);   // too short
    CHECK(openingFails({"9000", "01"}) == Reason::sam_refused);
}

TEST_CASE("Whatever the wire to the SAM says, it is the SAM that is missing and never the card") {
    World world;
    for (const auto wire : {Reason::card_gone, Reason::card_mute, Reason::reader_gone, Reason::service_gone,
                            Reason::wire_failed}) {
        auto sam = std::make_shared<bool>(true);
        auto software = world.issuer.makeSam().value();
        auto connection = std::make_unique<ScriptedConnection>([=](ByteView command) -> Result<Bytes> {
            if (!*sam)
                return fail(wire);
            return *software->answer(command);
        });
        const auto opened = Sam::open(std::move(connection)).value();
        *sam = false;
        const auto evidence = readCard(world.card(World::person()), opened.get());
        REQUIRE_FALSE(evidence);
        CHECK(evidence.error() == Reason::sam_missing);
        CHECK(evidence.error().context.find(nameOf(wire)) != std::string::npos);
    }
}

TEST_CASE("A SAM pulled at any exchange of a reading is missing, and another SAM reads the card") {
    World world;
    const auto card = world.card(World::person());
    const auto moment = GENERATE(sim::PullMoment::before_it_acts, sim::PullMoment::after_it_acted);
    for (std::size_t at = 0; at < 6; ++at) {
        INFO("exchange " << at);
        auto connection = std::make_unique<sim::PulledConnection>(
            std::make_unique<DirectConnection>(world.issuer.makeSam().value()), at, moment);
        const auto sam = Sam::open(std::move(connection));
        if (at < 2) {
            CHECK(sam.error() == Reason::sam_missing);
            continue;
        }
        CHECK(readCard(card, sam->get()).error() == Reason::sam_missing);
        CHECK(readCard(card, world.sam.get()).has_value());
    }
}

TEST_CASE("A wrong key reference is refused by the SAM, not by the card") {
    World world;
    apdu::sam::SamKeyReferences references;
    references.internalKey = {0x27, 0x01};
    const auto sam =
        Sam::open(std::make_unique<DirectConnection>(world.issuer.makeSam().value()), references).value();
    CHECK(readCard(world.card(World::person()), sam.get()).error() == Reason::sam_refused);
}

TEST_CASE("One SAM serves several lanes, and none comes between a session key and its use") {
    World world;
    auto connection = std::make_unique<InviteIntruders>(world.issuer.makeSam().value());
    const auto& watched = *connection;
    const auto sam = Sam::open(std::move(connection)).value();
    constexpr int lanes = 2;
    constexpr int rounds = 3;
    std::array<int, lanes> readings{};
    {
        std::vector<std::jthread> threads;
        for (auto& count : readings)
            threads.emplace_back([&count, &sam, card = world.card(World::person())] {
                for (int i = 0; i < rounds; ++i)
                    count += readCard(card, sam.get()) ? 1 : 0;
            });
    }
    CHECK_FALSE(watched.intruded());
    CHECK(readings == std::array{rounds, rounds});
}
