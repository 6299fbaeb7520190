// Rides paid from transit purses, through the lane.
#include "tests/firmware/card_lane_fixture.h"

#include "sim/cards/legacy_card.h"
#include "tests/apdu/direct_connection.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using config::CardApplication;
using hal::Signal;

namespace {

constexpr std::size_t flatDebit = 3; // SELECT, file 17, INITIALIZE FOR PURCHASE, DEBIT FOR PURCHASE

config::CardSettings busCards() {
    config::CardSettings cards;
    cards.applications = {CardApplication::transit_purse, CardApplication::social_security,
                          CardApplication::legacy_uid};
    return cards;
}

config::RideSettings flatRide() {
    config::RideSettings ride;
    ride.fare.flatFen = 200;
    ride.city = 0x6401;
    return ride;
}

sim::CardSpec purseHolder(std::uint32_t balanceFen, std::uint8_t cardType = 1) {
    auto spec = holder(41);
    spec.interface = sim::CardInterface::contactless;
    spec.purse = sim::PurseSpec{};
    spec.purse->balanceFen = balanceFen;
    spec.purse->cardType = cardType;
    return spec;
}

struct PurseLane : CardLaneFixture {
    explicit PurseLane(const config::RideSettings& ride = flatRide(),
                       config::CardSettings settings = busCards())
        : CardLaneFixture(std::move(settings), ride) {}

    terminal::Outcome present(const std::shared_ptr<sim::CardSoftware>& card) {
        const auto before = terminal->outcomes().newest();
        put(*reader, card);
        auto outcome = outcomeAfter(before);
        reader->remove();
        return outcome;
    }
    terminal::Outcome presentLater(const std::shared_ptr<sim::CardSoftware>& card,
                                   std::chrono::seconds later) {
        clock.advance(later);
        return present(card);
    }
    std::uint64_t sequenceOf(const std::string& kind) {
        const auto records = store->list(1, 10).value();
        const auto found = std::ranges::find(records, kind, &offline_store::RecordSummary::kind);
        return found == records.end() ? 0 : found->id.sequence;
    }
    nlohmann::json payload(std::uint64_t sequence) {
        const auto record = store->read(sequence).value();
        return nlohmann::json::parse(record.payload);
    }
};

std::int64_t balanceOf(const std::shared_ptr<sim::CardSoftware>& card) {
    return sim::purseOf(*card)->state().balanceFen;
}

// What blacklists name: twenty digits of file 15, which is free to read.
std::string serialOf(const std::shared_ptr<sim::CardSoftware>& card) {
    DirectConnection connection(card);
    apdu::Channel channel(connection);
    return toHex(apdu::transit::TransitPurse(channel).open()->card.serial);
}

// The number of the command that is the debit, in a ride that goes through.
std::size_t debitIndex(const std::shared_ptr<sim::CardSoftware>& card, PurseLane& world) {
    std::size_t commands = 0;
    std::size_t debit = 0;
    world.reader->insert(
        card->atr(),
        [&](ByteView command) {
            if (command.size() > 1 && command[0] == 0x80 && command[1] == 0x54)
                debit = commands;
            ++commands;
            return card->answer(command);
        },
        [card] { card->reset(); });
    const auto outcome = world.outcomeAfter(world.terminal->outcomes().newest());
    CHECK(outcome.signal == Signal::accepted);
    world.reader->remove();
    CHECK(commands <= 7); // the budget of balance and flat fare
    CHECK(debit == commands - 1);
    return debit;
}

} // namespace

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

TEST_CASE("a debit torn after the card acted is resumed by the same card, and nobody pays twice") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, true);
    const auto torn = world.outcomeAfter(0);
    CHECK(torn.signal == Signal::again);
    CHECK(torn.reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 0);
    CHECK(world.store->openIntents()->size() == 1);
    world.clock.advance(std::chrono::seconds(5));
    const auto resumed = world.present(card);
    CHECK(resumed.signal == Signal::accepted);
    CHECK(resumed.fareFen == 200);
    CHECK(resumed.balanceFen == 800);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 1);
    CHECK(world.payload(1).at("purse").at("evidence") == "proof");
    CHECK(world.store->openIntents()->empty());
}

TEST_CASE("a resumption that is torn again keeps the proof that the card gave first") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, true);
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    constexpr std::size_t provingDebit =
        4; // SELECT, file 17, proof, INITIALIZE FOR PURCHASE, DEBIT FOR PURCHASE
    putAndPull(*world.reader, card, provingDebit, true);
    CHECK(world.outcomeAfter(1).reason == Reason::debit_unfinished);
    CHECK(world.gateOpenings() == 0);
    const auto resumed = world.present(card);
    CHECK(resumed.signal == Signal::accepted);
    CHECK(world.gateOpenings() == 1);
    CHECK(balanceOf(card) == 800);
    CHECK(world.payload(1).at("purse").at("evidence") == "proof");
    CHECK(world.payload(1).at("purse").at("tac").get<std::string>().size() == 8);
}

TEST_CASE("a SAM that is lost between debit and proof costs the holder a second tap, and nothing more") {
    PurseLane world;
    const auto sam = world.cards.makeSam().value();
    auto deaf = std::make_shared<std::atomic<bool>>(true);
    world.samReader->insert(
        sam->atr(),
        [sam, deaf](ByteView command) {
            const bool creditSam = command[0] == 0x80 && command[1] == 0x72;
            return creditSam && *deaf ? std::nullopt : sam->answer(command);
        },
        [sam] { sam->reset(); });
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    CHECK(world.present(card).reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 800);
    CHECK(world.gateOpenings() == 0);
    *deaf = false;
    CHECK(world.present(card).signal == Signal::accepted);
    CHECK(balanceOf(card) == 800);
    CHECK(world.recorded() == 1);
}

TEST_CASE("a forger who is mute at the debit and answers any proof afterwards rides for nothing nowhere") {
    PurseLane world;
    const auto genuine = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, genuine, flatDebit, false); // the purse never saw the debit
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    const auto relayed = [&](ByteView command) -> std::optional<Bytes> {
        if (command[0] == 0x80 && command[1] == 0x5A)
            return fromHex("00112233445566779000").value();
        return genuine->answer(command);
    };
    world.reader->insert(genuine->atr(), relayed, [&] { genuine->reset(); });
    const auto contradicted = world.outcomeAfter(1); // the card behind the lie is genuine, its counter too
    CHECK(contradicted.reason == Reason::card_not_genuine);
    CHECK(world.gateOpenings() == 0);
    const auto alone = [&](ByteView command) -> std::optional<Bytes> {
        auto answer = relayed(command);
        if (command[0] == 0x80 && command[1] == 0x50)
            answer->at(5) ^= 1; // the counter one further on
        return answer;
    };
    world.reader->insert(genuine->atr(), alone, [&] { genuine->reset(); });
    const auto forged = world.outcomeAfter(2);
    CHECK(forged.signal == Signal::again); // the genuine card behind it refuses a MAC1 over another counter
    CHECK(world.gateOpenings() == 0);
    CHECK(world.store->openIntents()->size() == 1);
    CHECK(world.present(genuine).signal == Signal::accepted); // the lie is over: begun anew, paid once
    CHECK(balanceOf(genuine) == 800);
}

TEST_CASE("a debit torn before the card acted is begun anew, and its holder is not told of a repeat") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    putAndPull(*world.reader, card, flatDebit, false);
    CHECK(world.outcomeAfter(0).reason == Reason::debit_unfinished);
    CHECK(balanceOf(card) == 1000);
    const auto again = world.present(card);
    CHECK(again.signal == Signal::accepted);
    CHECK(balanceOf(card) == 800);
    CHECK(world.recorded() == 1);
}

TEST_CASE("a torn debit whose card stays away is told upstream, and settled when the card is seen again") {
    PurseLane world;
    const auto card = world.cards.personalise(purseHolder(1000)).value();
    const auto other = world.cards.personalise(purseHolder(1000)).value();
    SECTION("after the window") {
        putAndPull(*world.reader, card, flatDebit, true);
        world.outcomeAfter(0);
        world.clock.advance(std::chrono::seconds(31));
    }
    SECTION("when another card comes") {
        putAndPull(*world.reader, card, flatDebit, true);
        world.outcomeAfter(0);
        CHECK(world.present(other).signal == Signal::accepted);
        world.clock.advance(std::chrono::seconds(31));
    }
    world.running->torn.reportOverdue(); // the lane does the same between holders
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (world.sequenceOf("debit_unresolved") == 0 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield(); // the lane may be at it this moment
    const auto unresolved = world.sequenceOf("debit_unresolved");
    REQUIRE(unresolved != 0);
    CHECK(world.payload(unresolved).at("purse").at("amount_fen") == 200);
    CHECK(world.store->openIntents()->size() == 1);
    const auto later = world.presentLater(card, std::chrono::hours(1));
    CHECK(later.signal == Signal::accepted); // a new ride
    CHECK(balanceOf(card) == 600);
    const auto settled = world.payload(world.sequenceOf("debit_settled"));
    CHECK(settled.at("purse").at("debited") == true);
    CHECK(settled.at("admitted") == false);
    CHECK(world.store->openIntents()->empty());
}

TEST_CASE("two cards in one field are one too many") {
    PurseLane world;
    const auto second = simulatedReader("second", hal::SlotKind::contactless, world.clock);
    auto field = std::make_shared<terminal::Field>();
    RunningLane left(*world.terminal, *world.store, world.clock, world.pseudonymKey, busCards(), flatRide(),
                     second, world.samReader, field);
    const auto third = simulatedReader("third", hal::SlotKind::contactless, world.clock);
    RunningLane right(*world.terminal, *world.store, world.clock, world.pseudonymKey, busCards(), flatRide(),
                      third, world.samReader, field);
    const auto first = world.cards.personalise(purseHolder(1000)).value();
    put(*second, first);
    CHECK(world.outcomeAfter(0).signal == Signal::accepted);
    const auto another = world.cards.personalise(purseHolder(1000)).value();
    put(*third, another);
    const auto both = world.outcomeAfter(1);
    CHECK(both.reason == Reason::several_cards);
    CHECK(both.signal == Signal::again);
    CHECK(balanceOf(another) == 1000);
}

TEST_CASE("legacy cards pass by the map at the lowest assurance, and are counted by day") {
    PurseLane world;
    world.install("catalogue", [&] {
        auto catalogue = nlohmann::json::parse(TerminalFixture::catalogueBody());
        for (auto& service : catalogue["services"])
            if (service["id"] == "bus.ride") {
                service["media"].push_back("legacy_card");
                service["minimum_assurance"] = "presented";
            }
        return catalogue.dump();
    }());
    const Bytes uid{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
    world.install("legacy_map",
                  nlohmann::json{{"cards",
                                  {{{"uid", toHex(identity::legacyDigest(world.pseudonymKey, uid))},
                                    {"holder", std::string(32, 'a')},
                                    {"class", "adult"},
                                    {"region", "640100"},
                                    {"not_after", "2099-12-31"}}}}}
                      .dump());
    REQUIRE(world.terminal->reloadBulletins());
    const auto known = world.present(std::make_shared<sim::LegacyCard>(uid));
    CHECK(known.signal == Signal::accepted);
    CHECK(known.presentation.medium == identity::Medium::legacy_card);
    CHECK(world.payload(1).at("assurance") == "presented");
    const auto stranger = world.present(std::make_shared<sim::LegacyCard>(Bytes{0x04, 9, 9, 9, 9, 9, 9}));
    CHECK(stranger.reason == Reason::not_registered);
    const auto random = world.present(std::make_shared<sim::LegacyCard>(Bytes{0x08, 1, 2, 3}));
    CHECK(random.reason == Reason::legacy_uid_random);
    const auto tallies = world.store->tallies(31);
    REQUIRE(tallies->size() == 1);
    CHECK(tallies->front().name == "legacy_card");
    CHECK(tallies->front().count == 1);
}

TEST_CASE("a service that needs the PIN asks for it, sends it once and tells right from wrong and blocked") {
    config::CardSettings settings;
    settings.pinEntry = Milliseconds{5000};
    CardLaneFixture world(settings);
    world.install("catalogue", [] {
        auto catalogue = nlohmann::json::parse(TerminalFixture::catalogueBody());
        for (auto& service : catalogue["services"])
            service["minimum_assurance"] = "authenticated_with_pin";
        return catalogue.dump();
    }());
    REQUIRE(world.terminal->reloadBulletins());
    const auto spec = holder(7); // its PIN is 123456
    const auto card = world.cards.personalise(spec).value();
    std::uint64_t seen = 0;
    const auto tryPin = [&](std::string_view pin) {
        world.clock.advance(std::chrono::minutes(1));
        put(*world.reader, card);
        const auto asked = world.outcomeAfter(seen);
        CHECK(asked.reason == Reason::pin_needed);
        CHECK(asked.signal == Signal::again);
        REQUIRE(world.terminal->pinEntry().give(Secret::copyOf(asBytes(pin))));
        const auto outcome = world.outcomeAfter(asked.number);
        seen = outcome.number;
        world.reader->remove();
        return outcome;
    };
    CHECK(tryPin("000000").reason == Reason::pin_wrong);
    CHECK(tryPin("123456").signal == Signal::accepted);
    CHECK_FALSE(world.terminal->pinEntry().give(Secret::copyOf(asBytes("123456")))); // nobody asks
    CHECK(tryPin("1").reason == Reason::input_malformed);
    CHECK(tryPin("000000").reason == Reason::pin_wrong);
    CHECK(tryPin("000000").reason == Reason::pin_wrong);
    CHECK(tryPin("000000").reason == Reason::pin_blocked);
    world.clock.advance(std::chrono::minutes(1));
    put(*world.reader, card);
    CHECK(world.outcomeAfter(seen).reason == Reason::pin_blocked); // nobody is asked any more
}
