#include "firmware/policy/fare_tables.h"

#include "firmware/json/json_object.h"
#include "firmware/policy/names.h"

#include <algorithm>

namespace ykt::firmware::policy {
namespace {

using std::chrono::seconds;

// As for the profile's [fare].
constexpr std::int64_t highestFareFen = 100'000;
constexpr std::int64_t dayInSeconds = 86'400;
constexpr std::int64_t lastLine = 9'999;

std::uint32_t readFen(JsonObject& object, const std::string& key) {
    return static_cast<std::uint32_t>(object.integer(key, 0, highestFareFen));
}

seconds readSeconds(JsonObject& object, const std::string& key) {
    return seconds{object.has(key) ? object.integer(key, 0, dayInSeconds) : 0};
}

std::optional<FareRules::Mode> modeFromName(std::string_view name) {
    if (name == "flat")
        return FareRules::Mode::flat;
    if (name == "zones")
        return FareRules::Mode::zones;
    return std::nullopt;
}

void readFlat(JsonObject& fare, FareRules& rules) {
    rules.flatFen = readFen(fare, "flat_fen");
    rules.sameDirection = readSeconds(fare, "same_direction_s");
    rules.transferWindow = readSeconds(fare, "transfer_window_s");
    if (fare.has("transfer_fen"))
        rules.transferFen = readFen(fare, "transfer_fen");
    if (rules.transferFen > rules.flatFen)
        fare.refuse("transfer_fen", "above flat_fen");
}

void readZones(JsonObject& fare, FareRules& rules) {
    const auto zones = fare.listsOfIntegers("zones", 1, UINT8_MAX);
    for (unsigned zone = 1; zone <= zones.size(); ++zone)
        for (const auto station : zones[zone - 1])
            if (!rules.zoneOfStation.emplace(static_cast<std::uint8_t>(station), zone).second)
                fare.refuse("zones", "station " + std::to_string(station) + " is listed twice");
    const auto prices = fare.integers("prices_fen", 0, highestFareFen);
    if (prices.empty() || prices.size() != zones.size())
        fare.refuse("prices_fen", "not one price for each number of zones travelled");
    for (unsigned travelled = 1; travelled <= prices.size(); ++travelled)
        rules.priceOfZones[travelled] = static_cast<std::uint32_t>(prices[travelled - 1]);
    rules.maximumFen = readFen(fare, "maximum_fen");
    if (std::ranges::max(prices) > rules.maximumFen)
        fare.refuse("maximum_fen", "below the dearest of prices_fen");
    rules.longestRide = seconds{fare.integer("longest_ride_s", 60, dayInSeconds)};
}

FareRules readFare(JsonObject fare) {
    FareRules rules;
    rules.mode = fare.name("mode", modeFromName);
    rules.retapInterval = readSeconds(fare, "retap_interval_s");
    rules.mode == FareRules::Mode::zones ? readZones(fare, rules) : readFlat(fare, rules);
    fare.close();
    return rules;
}

} // namespace

std::uint32_t fullFareFen(const FareRules& rules) {
    return rules.mode == FareRules::Mode::zones ? rules.maximumFen : rules.flatFen;
}

Result<FareTables> FareTables::parse(std::string_view json) {
    try {
        const auto document = parseJson(json);
        JsonObject root{document, ""};
        FareTables tables;
        for (auto& entry : root.objects("tables")) {
            Table table{entry.name("service", identifierFromText), {}, readFare(entry.object("fare"))};
            if (entry.has("lines"))
                for (const auto line : entry.integers("lines", 0, lastLine))
                    table.lines.push_back(static_cast<std::uint16_t>(line));
            entry.close();
            tables.tables_.push_back(std::move(table));
        }
        root.close();
        return tables;
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "fare_tables: " + refused.what);
    }
}

const FareRules* FareTables::find(std::string_view service, std::uint16_t line) const {
    for (const auto& table : tables_) {
        const bool here = table.lines.empty() || std::ranges::find(table.lines, line) != table.lines.end();
        if (table.service == service && here)
            return &table.rules;
    }
    return nullptr;
}

} // namespace ykt::firmware::policy
