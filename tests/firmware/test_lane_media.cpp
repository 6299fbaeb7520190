// What else a lane meets: two cards at once, old cards with nothing but a number, services that ask for the
// PIN.
#include "sim/cards/legacy_card.h"
#include "tests/firmware/purse_lane_fixture.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using hal::Signal;

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
