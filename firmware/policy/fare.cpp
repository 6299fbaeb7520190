#include "firmware/policy/fare.h"

#include <algorithm>

namespace ykt::firmware::policy {
namespace {

// What the clocks of two terminals may differ by. A ride that lies further ahead was written by a clock that
// was wrong, and says nothing about now.
constexpr std::chrono::seconds clockDifference{300};

bool within(std::chrono::seconds interval, WallTime earlier, WallTime now) {
    const auto age = now - earlier;
    return age >= -clockDifference && std::max(age, WallTime::duration::zero()) < interval;
}

Result<Fare> flatFare(const FareRules& rules, const std::optional<EarlierRide>& earlier,
                      const Position& position, WallTime now) {
    Fare fare;
    fare.fen = rules.flatFen;
    if (!earlier)
        return fare;
    const bool sameLine = earlier->position.line == position.line;
    if (sameLine && earlier->position.direction == position.direction &&
        within(rules.sameDirection, earlier->at, now))
        return fail(Reason::repeated_too_soon);
    if (!sameLine && !earlier->transferred && within(rules.transferWindow, earlier->at, now)) {
        fare.transfer = true;
        fare.fen = rules.transferFen;
    }
    return fare;
}

std::uint32_t zonePrice(const FareRules& rules, const OpenRide& open, unsigned zone) {
    const auto from = rules.zoneOfStation.find(open.position.station);
    if (from == rules.zoneOfStation.end())
        return open.markedFen;
    const auto travelled = std::max(from->second, zone) - std::min(from->second, zone) + 1;
    const auto price = rules.priceOfZones.find(travelled);
    return price == rules.priceOfZones.end() ? rules.maximumFen : price->second;
}

Result<Fare> zoneFare(const FareRules& rules, const std::optional<OpenRide>& open, const Position& position,
                      WallTime now) {
    const auto zone = rules.zoneOfStation.find(position.station);
    if (zone == rules.zoneOfStation.end())
        return fail(Reason::input_malformed,
                    "station " + std::to_string(position.station) + " is in no zone");
    Fare fare;
    if (open && open->position.line == position.line && now - open->at <= rules.longestRide) {
        fare.step = Fare::Step::off;
        fare.fen = zonePrice(rules, *open, zone->second);
        return fare;
    }
    fare.step = Fare::Step::on;
    fare.markedFen = rules.maximumFen;
    fare.owedFen = open ? open->markedFen : 0;
    return fare;
}

} // namespace

Result<Fare> fareFor(const FareRules& rules, const CardMemory& memory, const Position& position,
                     WallTime now) {
    const bool sameTap = (memory.earlier && within(rules.retapInterval, memory.earlier->at, now)) ||
                         (memory.open && within(rules.retapInterval, memory.open->at, now));
    if (sameTap)
        return fail(Reason::repeated_too_soon);
    return rules.mode == FareRules::Mode::zones ? zoneFare(rules, memory.open, position, now)
                                                : flatFare(rules, memory.earlier, position, now);
}

} // namespace ykt::firmware::policy
