#include "firmware/policy/fare.h"

#include <catch2/catch.hpp>
#include <random>

using namespace ykt;
using namespace ykt::firmware::policy;
using namespace std::chrono_literals;
using Step = Fare::Step;

namespace {

const WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 4h;

FareRules flat() {
    FareRules rules;
    rules.flatFen = 200;
    rules.retapInterval = 10s;
    rules.sameDirection = 300s;
    rules.transferWindow = 3600s;
    rules.transferFen = 50;
    return rules;
}

// Stations 1 to 3 are zone 1, 4 to 6 zone 2, 7 to 9 zone 3.
FareRules zones() {
    FareRules rules;
    rules.mode = FareRules::Mode::zones;
    for (std::uint8_t station = 1; station <= 9; ++station)
        rules.zoneOfStation[station] = (station + 2U) / 3;
    rules.priceOfZones = {{1, 100}, {2, 250}, {3, 400}};
    rules.maximumFen = 500;
    rules.longestRide = 2h;
    rules.retapInterval = 10s;
    return rules;
}

Position on(std::uint16_t line, std::uint8_t direction = 0, std::uint8_t station = 1) {
    return {line, direction, station};
}

CardMemory after(std::chrono::seconds ago, Position position, bool transferred = false) {
    return {EarlierRide{noon - ago, position, 200, transferred}, std::nullopt};
}

CardMemory aboard(std::chrono::seconds ago, Position position, std::uint32_t marked = 450) {
    return {std::nullopt, OpenRide{noon - ago, position, marked}};
}

Fare flatAfter(const CardMemory& memory, Position position) {
    const auto fare = fareFor(flat(), memory, position, noon);
    REQUIRE(fare);
    CHECK(fare->step == Step::ride);
    CHECK(fare->owedFen == 0);
    CHECK(fare->markedFen == 0);
    return *fare;
}

} // namespace

TEST_CASE("a first ride costs the flat fare, and so does the same line later or the other way") {
    CHECK(flatAfter({}, on(1)).fen == 200);
    CHECK(flatAfter(after(300s, on(1)), on(1)).fen == 200);
    CHECK(flatAfter(after(10s, on(1, 1)), on(1, 0)).fen == 200);
    CHECK_FALSE(flatAfter(after(10s, on(1, 1)), on(1, 0)).transfer);
}

TEST_CASE("the same tap, and the same line and direction too soon, are repeats") {
    const auto refusal = [](std::chrono::seconds ago, Position earlier) {
        return fareFor(flat(), after(ago, earlier), on(1), noon).error().reason;
    };
    CHECK(refusal(0s, on(2)) == Reason::repeated_too_soon);
    CHECK(refusal(9s, on(1, 1)) == Reason::repeated_too_soon);
    CHECK(refusal(10s, on(1)) == Reason::repeated_too_soon);
    CHECK(refusal(299s, on(1, 0, 7)) == Reason::repeated_too_soon);
}

TEST_CASE("another line within the window is a transfer, once") {
    const auto transfer = flatAfter(after(3599s, on(2)), on(1));
    CHECK(transfer.transfer);
    CHECK(transfer.fen == 50);
    CHECK(flatAfter(after(3600s, on(2)), on(1)).fen == 200);
    CHECK(flatAfter(after(60s, on(2), true), on(1)).fen == 200);
    CHECK_FALSE(flatAfter(after(60s, on(2), true), on(1)).transfer);
}

TEST_CASE("a ride a little ahead of the clock was just made, one further ahead never") {
    CHECK(fareFor(flat(), after(-300s, on(1)), on(1), noon).error() == Reason::repeated_too_soon);
    CHECK(flatAfter(after(-301s, on(1)), on(1)).fen == 200);
    CHECK_FALSE(flatAfter(after(-301s, on(2)), on(1)).transfer);
    auto rules = flat();
    rules.retapInterval = 0s;
    CHECK(fareFor(rules, after(-300s, on(2)), on(1), noon)->transfer);
}

TEST_CASE("rules that are switched off hold nobody up") {
    FareRules rules;
    rules.flatFen = 200;
    for (const auto ago : {-1s, 0s, 1s})
        for (std::uint16_t line = 1; line <= 2; ++line) {
            const auto fare = fareFor(rules, after(ago, on(line)), on(1), noon);
            REQUIRE(fare);
            CHECK(fare->fen == 200);
            CHECK_FALSE(fare->transfer);
        }
}

TEST_CASE("by zones: getting on marks the maximum and takes nothing") {
    for (const auto& memory : {CardMemory{}, after(60s, on(1))}) {
        const auto fare = *fareFor(zones(), memory, on(1), noon);
        CHECK(fare.step == Step::on);
        CHECK(fare.fen == 0);
        CHECK(fare.markedFen == 500);
        CHECK(fare.owedFen == 0);
    }
}

TEST_CASE("by zones: getting off costs the zones travelled, whichever way") {
    struct Ride {
        std::uint8_t from, to;
        std::uint32_t fen;
    };
    for (const auto& [from, to, fen] :
         {Ride{1, 3, 100}, Ride{1, 4, 250}, Ride{4, 1, 250}, Ride{9, 1, 400}, Ride{5, 5, 100}}) {
        const auto fare = *fareFor(zones(), aboard(1800s, on(1, 0, from)), on(1, 0, to), noon);
        CHECK(fare.step == Step::off);
        CHECK(fare.fen == fen);
        CHECK(fare.owedFen == 0);
        CHECK(fare.markedFen == 0);
    }
}

TEST_CASE("by zones: a ride that never tapped off is owed, and another begins") {
    for (const auto& memory : {aboard(7201s, on(1)), aboard(60s, on(2))}) {
        const auto fare = *fareFor(zones(), memory, on(1), noon);
        CHECK(fare.step == Step::on);
        CHECK(fare.owedFen == 450);
        CHECK(fare.markedFen == 500);
    }
    CHECK(fareFor(zones(), aboard(7200s, on(1)), on(1), noon)->step == Step::off);
}

TEST_CASE("by zones: the same tap does not get on and off at once, nor off and on") {
    CHECK(fareFor(zones(), aboard(9s, on(1)), on(1), noon).error() == Reason::repeated_too_soon);
    CHECK(fareFor(zones(), after(9s, on(1)), on(1), noon).error() == Reason::repeated_too_soon);
    CHECK(fareFor(zones(), aboard(10s, on(1)), on(1), noon)->step == Step::off);
}

TEST_CASE("by zones: what the tables do not know traps nobody aboard") {
    CHECK(fareFor(zones(), aboard(60s, on(1, 0, 77)), on(1), noon)->fen == 450);
    auto rules = zones();
    rules.priceOfZones.erase(2);
    CHECK(fareFor(rules, aboard(60s, on(1, 0, 1)), on(1, 0, 4), noon)->fen == 500);
    CHECK(fareFor(zones(), aboard(-24h, on(1)), on(1), noon)->step == Step::off);
    const auto nowhere = fareFor(zones(), {}, on(1, 0, 10), noon);
    CHECK(nowhere.error() == Reason::input_malformed);
}

TEST_CASE("whatever the card remembers, a fare is one of the prices and owes only what was marked") {
    std::mt19937 random{20261124};
    const auto upTo = [&](unsigned most) { return static_cast<std::uint32_t>(random() % (most + 1)); };
    std::size_t transfers = 0;
    std::size_t repeats = 0;
    std::size_t owing = 0;
    for (int i = 0; i < 20'000; ++i) {
        const bool byZones = upTo(1) == 1;
        const auto rules = byZones ? zones() : flat();
        const auto position = [&] {
            return on(static_cast<std::uint16_t>(upTo(2)), static_cast<std::uint8_t>(upTo(1)),
                      static_cast<std::uint8_t>(1 + upTo(8)));
        };
        const auto moment = [&] { return noon + 4000s - std::chrono::seconds{upTo(12'000)}; };
        CardMemory memory;
        if (upTo(3) > 0)
            memory.earlier = EarlierRide{moment(), position(), upTo(500), upTo(1) == 1};
        if (upTo(3) > 0)
            memory.open = OpenRide{moment(), position(), upTo(500)};
        const auto here = position();
        const auto fare = fareFor(rules, memory, here, noon);
        INFO("case " << i);
        if (!fare) {
            ++repeats;
            REQUIRE(fare.error() == Reason::repeated_too_soon);
            const auto recent = [](const auto& ride) {
                return ride && ride->at >= noon - 300s && ride->at <= noon + 300s;
            };
            REQUIRE((recent(memory.earlier) || recent(memory.open)));
            continue;
        }
        if (!byZones) {
            REQUIRE(fare->step == Step::ride);
            REQUIRE(fare->fen == (fare->transfer ? 50 : 200));
            REQUIRE((!fare->transfer || (memory.earlier && memory.earlier->position.line != here.line &&
                                         !memory.earlier->transferred)));
            transfers += fare->transfer;
            continue;
        }
        REQUIRE(fare->step != Step::ride);
        REQUIRE_FALSE(fare->transfer);
        REQUIRE((fare->step == Step::on || memory.open));
        REQUIRE(fare->fen <= rules.maximumFen);
        REQUIRE(fare->markedFen == (fare->step == Step::on ? rules.maximumFen : 0));
        REQUIRE((fare->owedFen == 0 || (fare->step == Step::on && fare->owedFen == memory.open->markedFen)));
        owing += fare->owedFen > 0;
    }
    CHECK(transfers > 100);
    CHECK(repeats > 100);
    CHECK(owing > 100);
}
