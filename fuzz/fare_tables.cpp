// Bodies of the bulletin "fare_tables": whatever table is taken, no ride costs more than the full fare, and a
// ride that never ended no more than its mark.
#include "firmware/policy/fare_tables.h"
#include "fuzz/fuzz.h"

#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware::policy;

namespace {

const auto now = wallFromUnixSeconds(1'800'000'000);

void holdFares(const FareRules& rules, std::uint16_t line) {
    const auto full = fullFareFen(rules);
    fuzz::hold(full <= 100'000);
    for (unsigned station = 0; station <= UINT8_MAX; station += 5) {
        const Position here{line, 0, static_cast<std::uint8_t>(station)};
        const Position elsewhere{static_cast<std::uint16_t>(line + 1), 1, 1};
        const auto hourAgo = now - std::chrono::hours{1};
        for (const auto& memory : {CardMemory{}, CardMemory{EarlierRide{hourAgo, elsewhere, full, false}, {}},
                                   CardMemory{{}, OpenRide{hourAgo, {line, 0, 1}, full}},
                                   CardMemory{{}, OpenRide{hourAgo, elsewhere, full}}})
            if (const auto fare = fareFor(rules, memory, here, now))
                fuzz::hold(fare->fen <= full && fare->owedFen <= full && fare->markedFen <= full);
            else
                fuzz::hold(fare.error() == Reason::repeated_too_soon ||
                           fare.error() == Reason::input_malformed);
    }
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto tables = FareTables::parse(toText(input));
    if (!tables) {
        fuzz::hold(tables.error() == Reason::bulletin_malformed);
        return;
    }
    const auto plain = nlohmann::json::parse(toText(input))["tables"];
    for (const auto& table : plain) {
        const bool allLines = !table.contains("lines") || table["lines"].empty();
        const auto line = allLines ? std::uint16_t{7} : table["lines"][0].get<std::uint16_t>();
        const auto* rules = tables->find(table["service"].get<std::string>(), line);
        fuzz::hold(rules != nullptr);
        holdFares(*rules, line);
    }
}
