#include "firmware/config/ride_settings.h"

#include "base/hex.h"
#include "firmware/config/forms.h"

#include <algorithm>

namespace ykt::firmware::config {
namespace {

using policy::FareRules;
using std::chrono::seconds;

constexpr std::int64_t highestFareFen = 100'000; // 1000 yuan: beyond, a slip of the decimal point is likelier
constexpr std::int64_t dayInSeconds = 86'400;

std::uint32_t readFen(TableReader& table, const std::string& key) {
    return static_cast<std::uint32_t>(table.integer(key, 0, highestFareFen));
}

void readSeconds(TableReader& table, const std::string& key, seconds& into) {
    if (table.given(key))
        into = seconds{table.integer(key, 0, dayInSeconds)};
}

// Zones are numbered in the order of the list, from 1. The number of zones.
std::size_t readZonesOfStations(TableReader& table, FareRules& rules) {
    const auto zones = table.listsOfIntegers("zones", 1, UINT8_MAX);
    for (unsigned zone = 1; zone <= zones.size(); ++zone)
        for (const auto station : zones[zone - 1])
            if (!rules.zoneOfStation.emplace(static_cast<std::uint8_t>(station), zone).second)
                table.complain("zones",
                               "station " + std::to_string(station) + " is given twice; give it once");
    return zones.size();
}

void readZones(TableReader& table, FareRules& rules) {
    const auto zones = readZonesOfStations(table, rules);
    const auto prices = table.integers("prices_fen", 0, highestFareFen);
    if (zones > 0 && !prices.empty() && prices.size() != zones)
        table.complain("prices_fen", std::to_string(zones) + " zones and " + std::to_string(prices.size()) +
                                         " prices; give one price for each number of zones travelled");
    for (unsigned travelled = 1; travelled <= prices.size(); ++travelled)
        rules.priceOfZones[travelled] = static_cast<std::uint32_t>(prices[travelled - 1]);
    rules.maximumFen = readFen(table, "maximum_fen");
    const auto dearest = prices.empty() ? 0 : *std::ranges::max_element(prices);
    if (dearest > rules.maximumFen && table.given("maximum_fen"))
        table.complain("maximum_fen", "below the dearest of prices_fen, so not tapping off would pay; give "
                                      "at least " +
                                          std::to_string(dearest));
    rules.longestRide = seconds{table.integer("longest_ride_s", 60, dayInSeconds)};
}

void readFlat(TableReader& table, FareRules& rules) {
    rules.flatFen = readFen(table, "flat_fen");
    readSeconds(table, "same_direction_s", rules.sameDirection);
    readSeconds(table, "transfer_window_s", rules.transferWindow);
    if (table.given("transfer_fen"))
        rules.transferFen = readFen(table, "transfer_fen");
    if (rules.transferFen > rules.flatFen)
        table.complain("transfer_fen", "above flat_fen; give at most that");
}

FareRules readFare(TableReader table) {
    FareRules rules;
    const bool zones = table.text("mode", forms::fareMode) == "zones";
    rules.mode = zones ? FareRules::Mode::zones : FareRules::Mode::flat;
    readSeconds(table, "retap_interval_s", rules.retapInterval);
    zones ? readZones(table, rules) : readFlat(table, rules);
    table.close();
    return rules;
}

policy::Position readPosition(TableReader table) {
    policy::Position position;
    position.line = static_cast<std::uint16_t>(table.integer("line", 0, 9999));
    position.direction = table.text("direction", forms::direction) == "inbound" ? 1 : 0;
    if (table.given("station"))
        position.station = static_cast<std::uint8_t>(table.integer("station", 1, UINT8_MAX));
    table.close();
    return position;
}

template <std::size_t N>
ByteArray<N> readBcd(TableReader& table, const std::string& key, const Form& form) {
    ByteArray<N> digits{};
    if (const auto bytes = fromHex(table.text(key, form)); bytes && bytes->size() == N)
        std::ranges::copy(*bytes, digits.begin());
    return digits;
}

std::uint16_t readTwoBytes(TableReader& table, const std::string& key) {
    const auto bytes = readBcd<2>(table, key, forms::fourDigits);
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

void readRecorded(TableReader table, RideSettings& ride) {
    ride.city = readTwoBytes(table, "city");
    ride.operatorCode = readTwoBytes(table, "operator");
    ride.acquirer = readBcd<8>(table, "acquirer", forms::sixteenDigits);
    ride.vehicle = readBcd<8>(table, "vehicle", forms::sixteenDigits);
    table.close();
}

// What these rules cannot do without.
void checkPosition(TableReader& root, const RideSettings& ride) {
    const auto& rules = ride.fare;
    const bool zones = rules.mode == FareRules::Mode::zones;
    if (!root.given("position")) {
        if (zones || rules.sameDirection.count() > 0 || rules.transferWindow.count() > 0)
            root.complain("position",
                          "missing; the fare rules ask for the line: add it, see docs/profiles.md");
        return;
    }
    if (zones && !rules.zoneOfStation.empty() && !rules.zoneOfStation.contains(ride.position.station))
        root.complain("position", "its station is in no zone of fare.zones; give one that is");
}

} // namespace

Rides readRides(TableReader& root) {
    Rides rides;
    auto& [service, ride] = rides;
    auto table = root.table("service");
    service.id = table.text("id", forms::identifier);
    if (root.given("fare")) {
        ride.fare = readFare(root.table("fare"));
        if (table.given("fare_fen"))
            table.complain("fare_fen", "[fare] tells the fare already; remove one of them");
    } else if (table.given("fare_fen")) {
        ride.fare.flatFen = readFen(table, "fare_fen");
    }
    table.close();
    const bool zones = ride.fare.mode == FareRules::Mode::zones;
    service.fareFen = zones ? ride.fare.maximumFen : ride.fare.flatFen;
    if (root.given("position"))
        ride.position = readPosition(root.table("position"));
    checkPosition(root, ride);
    if (root.given("ride"))
        readRecorded(root.table("ride"), ride);
    return rides;
}

} // namespace ykt::firmware::config
