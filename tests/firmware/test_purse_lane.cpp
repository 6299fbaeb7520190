// Rides paid from transit purses, through the lane.
#include "tests/firmware/purse_lane_fixture.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using hal::Signal;

TEST_CASE("a purse pays the flat fare in four commands, its record carries what the issuer verifies") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    CHECK(debitIndex(card, world) == flatDebit);
    CHECK(balanceOf(card) == 800);
    const auto record = world.payload(1);
    CHECK(record.at("medium") == "transit_purse");
    CHECK(record.at("fare_fen") == 200);
    CHECK(record.at("admitted") == true);
    CHECK(record.at("purse").at("evidence") == "answer");
    CHECK(record.at("purse").at("tac").get<std::string>().size() == 8);
    CHECK(world.store->openIntents()->empty());
    const auto outcome = world.terminal->outcomes().after(0).front();
    CHECK(outcome.fareFen == 200);
    CHECK(outcome.balanceFen == 800);
}

TEST_CASE("concessions follow the purse's card type, and a free ride is a purchase of nothing that proves "
          "the card") {
    PurseLane world;
    const auto student = world.cards.personalise(purseHolder(1000, 2)).value();
    CHECK(world.present(student).fareFen == 100);
    CHECK(balanceOf(student) == 900);
    const auto senior = world.cards.personalise(purseHolder(0, 3)).value();
    const auto outcome = world.present(senior);
    CHECK(outcome.signal == Signal::accepted);
    CHECK(outcome.fareFen == 0);
    CHECK(world.payload(2).at("purse").at("debited") == true);
}

TEST_CASE("a purse that holds too little, has expired or is not interoperable takes nobody along") {
    PurseLane world;
    const auto poor = world.cards.personalise(purseHolder(199)).value();
    CHECK(world.present(poor).reason == Reason::balance_insufficient);
    CHECK(balanceOf(poor) == 199);
    auto old = purseHolder(1000);
    old.purse->expires = std::chrono::year{2020} / 1 / 1;
    CHECK(world.present(world.cards.personalise(old).value()).reason == Reason::medium_expired);
    auto strange = purseHolder(1000);
    strange.purse->interoperable = false;
    CHECK(world.present(world.cards.personalise(strange).value()).reason == Reason::purse_not_accepted);
    CHECK(world.gateOpenings() == 0);
    CHECK(world.store->openIntents()->empty());
}

TEST_CASE("a listed purse is refused, and locked where the profile says so") {
    for (const bool lock : {false, true}) {
        auto settings = busCards();
        settings.lockListedPurses = lock;
        PurseLane world(flatRide(), settings);
        const auto card = world.cards.personalise(purseHolder(1000)).value();
        const auto listed = sim::revocationEntry("transit_purse", serialOf(card));
        world.install("revocation", nlohmann::json{{"entries", nlohmann::json::array({listed})}}.dump());
        REQUIRE(world.terminal->reloadBulletins());
        CHECK(world.present(card).reason == Reason::revoked);
        CHECK(balanceOf(card) == 1000);
        world.clock.advance(std::chrono::minutes(1));
        const auto again = world.present(card);
        CHECK(again.reason == (lock ? Reason::application_locked : Reason::revoked));
    }
}

namespace {

// Tells when its lane is done with a presentation: it asks for the next event.
class WatchedReader : public hal::CardReader {
  public:
    explicit WatchedReader(std::shared_ptr<drivers::SimulatedReader> reader) : reader_(std::move(reader)) {}
    [[nodiscard]] hal::ReaderInfo info() const override { return reader_->info(); }
    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override {
        {
            const std::lock_guard lock(mutex_);
            ++asked_;
            changed_.notify_all();
        }
        return reader_->nextEvent(std::move(stop), timeout);
    }
    Result<std::unique_ptr<hal::CardConnection>> connect() override {
        const std::lock_guard lock(mutex_);
        connectedAt_ = asked_;
        changed_.notify_all();
        return reader_->connect();
    }
    // A card was connected to since the last call, and the lane has come back for more.
    bool served() {
        std::unique_lock lock(mutex_);
        const bool done = changed_.wait_for(lock, std::chrono::seconds(10),
                                            [this] { return connectedAt_ > 0 && asked_ > connectedAt_; });
        connectedAt_ = 0;
        return done;
    }

  private:
    std::shared_ptr<drivers::SimulatedReader> reader_;
    std::mutex mutex_;
    std::condition_variable changed_;
    int asked_ = 0;
    int connectedAt_ = 0;
};

} // namespace

TEST_CASE("a bouncing card is one presentation, and the rules see it again after the debounce") {
    TerminalFixture world;
    const auto cards = simulatedReader("bouncing", hal::SlotKind::contactless, world.clock);
    const auto sams = simulatedReader("sam", hal::SlotKind::sam, world.clock);
    put(*sams, world.cards.makeSam().value());
    const auto watched = std::make_shared<WatchedReader>(cards);
    RunningLane lane(*world.terminal, *world.store, world.clock, world.pseudonymKey, busCards(), flatRide(),
                     watched, sams);
    const auto present = [&](const std::shared_ptr<sim::CardSoftware>& card) {
        put(*cards, card);
        REQUIRE(watched->served());
        cards->remove();
        const auto outcomes = world.terminal->outcomes().after(0);
        return std::pair(outcomes.size(), outcomes.back());
    };
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    CHECK(present(card).second.signal == Signal::accepted);
    CHECK(present(card).first == 1); // nothing came of the bounce
    CHECK(balanceOf(card) == 800);
    const auto other = world.cards.personalise(purseHolder(1000)).value();
    CHECK(present(other).first == 2);
    world.clock.advance(std::chrono::seconds(4));
    CHECK(present(card).second.reason == Reason::repeated_too_soon); // bus.ride: once in ten seconds
    CHECK(balanceOf(card) == 800);
    world.clock.advance(std::chrono::seconds(11));
    CHECK(present(card).second.signal == Signal::accepted);
    CHECK(balanceOf(card) == 600);
}

TEST_CASE("the card remembers: same direction is a repeat, another line in time a free transfer, a second "
          "one is not") {
    auto ride = flatRide();
    ride.fare.sameDirection = std::chrono::minutes(5);
    ride.fare.transferWindow = std::chrono::minutes(60);
    PurseLane world(ride);
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    world.terminal->setPosition({1, 0, 3});
    CHECK(debitIndex(card, world) == 5);
    CHECK(balanceOf(card) == 800);
    CHECK(world.presentLater(card, std::chrono::seconds(60)).reason == Reason::repeated_too_soon);
    world.terminal->setPosition({2, 0, 1});
    const auto transfer = world.presentLater(card, std::chrono::minutes(10));
    CHECK(transfer.signal == Signal::accepted);
    CHECK(transfer.fareFen == 0);
    world.terminal->setPosition({3, 0, 1});
    CHECK(world.presentLater(card, std::chrono::minutes(10)).fareFen == 200);
    CHECK(balanceOf(card) == 600);
}

TEST_CASE(
    "by zones: getting on marks the maximum, getting off pays the distance, forgetting owes the maximum") {
    config::RideSettings ride = flatRide();
    ride.fare.mode = policy::FareRules::Mode::zones;
    ride.fare.zoneOfStation = {{1, 1}, {2, 1}, {3, 2}, {4, 3}};
    ride.fare.priceOfZones = {{1, 100}, {2, 200}, {3, 300}};
    ride.fare.maximumFen = 300;
    ride.fare.longestRide = std::chrono::hours(2);
    PurseLane world(ride);
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    world.terminal->setPosition({1, 0, 1});
    const auto on = world.present(card);
    CHECK(on.signal == Signal::accepted);
    CHECK(on.fareFen == 0);
    CHECK(balanceOf(card) == 1000);
    world.terminal->setPosition({1, 0, 3});
    CHECK(world.presentLater(card, std::chrono::minutes(15)).fareFen == 200);
    CHECK(balanceOf(card) == 800);
    world.terminal->setPosition({1, 0, 1});
    CHECK(world.presentLater(card, std::chrono::minutes(15)).fareFen == 0); // on again, and never off
    const auto next = world.presentLater(card, std::chrono::hours(5));
    CHECK(next.signal == Signal::accepted);
    CHECK(next.fareFen == 300); // what was marked
    CHECK(balanceOf(card) == 500);
    const auto poor = world.cards.personalise(purseHolder(299)).value();
    CHECK(world.present(poor).reason == Reason::balance_insufficient); // could not pay the maximum
}
