// What a ride costs before concessions, from the fare rules of the profile and from what the card remembers
// of earlier rides. Pure functions.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <chrono>
#include <map>
#include <optional>

namespace ykt::firmware::policy {

// Where the vehicle is. A station is a number on the line, from 1.
struct Position {
    std::uint16_t line = 0;
    std::uint8_t direction = 0; // 0 outbound, 1 inbound
    std::uint8_t station = 0;
};

struct FareRules {
    enum class Mode {
        flat,  // one tap, one price
        zones, // a tap at getting on, a tap at getting off; the price is by zones
    };
    Mode mode = Mode::flat;
    std::uint32_t flatFen = 0;
    // zones: station to zone, and price by number of zones travelled (1 is within one zone).
    std::map<std::uint8_t, unsigned> zoneOfStation;
    std::map<unsigned, std::uint32_t> priceOfZones;
    std::uint32_t maximumFen = 0;          // what is owed if nobody taps off
    std::chrono::seconds longestRide{};    // a tap that is later by more is a new ride
    std::chrono::seconds retapInterval{};  // the same card sooner than this is the same tap
    std::chrono::seconds sameDirection{};  // the same line and direction sooner than this is a repeat
    std::chrono::seconds transferWindow{}; // another line sooner than this rides for transferFen
    std::uint32_t transferFen = 0;
};

// What the card remembers.
struct EarlierRide {
    WallTime at{};
    Position position;
    std::uint32_t paidFen = 0;
    bool transferred = false; // it was itself a transfer, which gives no second one
};
struct OpenRide { // on and not yet off
    WallTime at{};
    Position position;
    std::uint32_t markedFen = 0;
};
struct CardMemory {
    std::optional<EarlierRide> earlier;
    std::optional<OpenRide> open;
};

struct Fare {
    enum class Step { ride, on, off };
    Step step = Step::ride;
    std::uint32_t fen = 0;       // for this step, before concessions
    std::uint32_t owedFen = 0;   // of an earlier ride that never tapped off; no concession applies
    std::uint32_t markedFen = 0; // Step::on: what the purse must hold and will owe
    bool transfer = false;
};

// Flat: the first of these that holds: same tap, same line and direction (both repeated_too_soon), a transfer
// to another line, the flat fare. An open ride is another operator's matter and is left alone.
// Zones: without an open ride one begins: nothing is taken yet and the maximum is marked. An open ride of the
// same line ends with the price of the zones travelled, both ends included; where the tables know its station
// or that number of zones no more, with what was marked, or with the maximum. An open ride of another line,
// or older than the longest ride, never tapped off: it is owed as marked, and another begins.
// Intervals end before their last moment; 0 switches a rule off. A ride up to five minutes ahead of `now`
// counts as just made, one further ahead as none that could be repeated or transferred from; an open one
// ahead of `now` can still be ended. Errors: repeated_too_soon, input_malformed (`position` is in no zone).
Result<Fare> fareFor(const FareRules& rules, const CardMemory& memory, const Position& position,
                     WallTime now);

} // namespace ykt::firmware::policy
