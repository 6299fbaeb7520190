#include "firmware/policy/fare_tables.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using nlohmann::json;
using policy::FareRules;

namespace {

json body() {
    return json::parse(R"({"tables": [
        {"service": "bus.ride", "lines": [1, 102], "fare": {"mode": "flat", "flat_fen": 150,
         "retap_interval_s": 10, "same_direction_s": 300, "transfer_window_s": 3600, "transfer_fen": 50}},
        {"service": "bus.ride", "lines": [7], "fare": {"mode": "zones", "zones": [[1, 2], [3]],
         "prices_fen": [100, 200], "maximum_fen": 300, "longest_ride_s": 7200}},
        {"service": "bus.ride", "fare": {"mode": "flat", "flat_fen": 200}}]})");
}

std::string complaint(const std::string& pointer, const json& value) {
    auto tables = body();
    tables[json::json_pointer(pointer)] = value;
    const auto parsed = policy::FareTables::parse(tables.dump());
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == Reason::bulletin_malformed);
    return parsed.error().context;
}

} // namespace

TEST_CASE("the first fare table for the service and the line holds") {
    const auto tables = policy::FareTables::parse(body().dump()).value();
    const auto* flat = tables.find("bus.ride", 102);
    REQUIRE(flat);
    CHECK(flat->mode == FareRules::Mode::flat);
    CHECK(flat->flatFen == 150);
    CHECK(flat->retapInterval == 10s);
    CHECK(flat->sameDirection == 300s);
    CHECK(flat->transferWindow == 3600s);
    CHECK(flat->transferFen == 50);
    CHECK(policy::fullFareFen(*flat) == 150);
    const auto* zones = tables.find("bus.ride", 7);
    REQUIRE(zones);
    CHECK(zones->mode == FareRules::Mode::zones);
    CHECK(zones->zoneOfStation == std::map<std::uint8_t, unsigned>{{1, 1}, {2, 1}, {3, 2}});
    CHECK(zones->priceOfZones == std::map<unsigned, std::uint32_t>{{1, 100}, {2, 200}});
    CHECK(zones->longestRide == 7200s);
    CHECK(policy::fullFareFen(*zones) == 300);
    CHECK(tables.find("bus.ride", 3)->flatFen == 200); // for all other lines
    CHECK(tables.find("metro.ride", 1) == nullptr);
    CHECK(policy::FareTables{}.find("bus.ride", 1) == nullptr);
}

TEST_CASE("a fare table of another form is refused with the place") {
    CHECK(complaint("/tables/0/fare/transfer_fen", 151) ==
          "fare_tables: tables[0].fare.transfer_fen: above flat_fen");
    CHECK(complaint("/tables/0/fare/flat_fen", -1) ==
          "fare_tables: tables[0].fare.flat_fen: not a whole number from 0 to 100000");
    CHECK(complaint("/tables/0/fare/zones", json::array()) ==
          "fare_tables: tables[0].fare.zones: unknown member");
    CHECK(complaint("/tables/0/lines/1", "x") ==
          "fare_tables: tables[0].lines[1]: not a whole number from 0 to 9999");
    CHECK(complaint("/tables/1/fare/prices_fen", {100}) ==
          "fare_tables: tables[1].fare.prices_fen: not one price for each number of zones travelled");
    CHECK(complaint("/tables/1/fare/zones", json::array()) ==
          "fare_tables: tables[1].fare.prices_fen: not one price for each number of zones travelled");
    CHECK(complaint("/tables/1/fare/prices_fen/1", 301) ==
          "fare_tables: tables[1].fare.maximum_fen: below the dearest of prices_fen");
    CHECK(complaint("/tables/1/fare/zones/1/0", 2) ==
          "fare_tables: tables[1].fare.zones: station 2 is listed twice");
    CHECK(complaint("/tables/1/fare/zones/1", 3) == "fare_tables: tables[1].fare.zones[1]: not a list");
    CHECK(complaint("/tables/2/fare/mode", "free") == "fare_tables: tables[2].fare.mode: unknown name");
}
