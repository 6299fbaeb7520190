#include "firmware/config/settings.h"
#include "tests/config/profile_folder.h"

using namespace ykt;
using namespace ykt::test;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// The part of bus.toml from [fare] to [ride].
const std::string zones = R"([fare]
mode = "zones"
retap_interval_s = 10
zones = [[1, 2, 3], [4, 5, 6]]
prices_fen = [100, 200]
maximum_fen = 300
longest_ride_s = 7200

[position]
line = 101
direction = "inbound"
station = 4

)";

class RideFolder : public ProfileFolder {
  public:
    // Puts `part` in the place of [fare] and [position].
    void rides(const std::string& part) const {
        const auto whole = text("bus.toml");
        write("bus.toml", whole.substr(0, whole.find("[fare]")) + part + whole.substr(whole.find("[ride]")));
    }
    [[nodiscard]] config::Settings load() const {
        auto settings = config::load(at("bus.toml"));
        INFO((settings ? std::string() : explain(settings.error())));
        REQUIRE(settings);
        return std::move(*settings);
    }
    // The only complaint, with its line checked: that of `place`.
    [[nodiscard]] std::string complaint(const std::string& place) const {
        const auto settings = config::load(at("bus.toml"));
        REQUIRE_FALSE(settings);
        const auto& context = settings.error().context;
        INFO(context);
        CHECK(context.find('\n') == std::string::npos);
        const auto start = at("bus.toml").string() + ":" + std::to_string(lineOf("bus.toml", place)) + ": ";
        REQUIRE_THAT(context, StartsWith(start));
        return context.substr(start.size());
    }
};

} // namespace

TEST_CASE("the bus rides for a flat fare with free transfers") {
    const auto settings = RideFolder{}.load();
    const auto& fare = settings.ride.fare;
    CHECK(fare.mode == policy::FareRules::Mode::flat);
    CHECK(fare.flatFen == 200);
    CHECK(fare.retapInterval == 10s);
    CHECK(fare.sameDirection == 300s);
    CHECK(fare.transferWindow == 3600s);
    CHECK(fare.transferFen == 0);
    CHECK(settings.service.fareFen == 200);
    CHECK(settings.ride.position.line == 1);
    CHECK(settings.ride.position.direction == 0);
    CHECK(settings.ride.city == 0x6401);
    CHECK(settings.ride.operatorCode == 0x0001);
    CHECK(toHex(settings.ride.acquirer) == "0000000000006401");
    CHECK(toHex(settings.ride.vehicle) == "0000000000000117");
}

TEST_CASE("zones are numbered in their order, and who remembers no ride pays the maximum") {
    const RideFolder folder;
    folder.rides(zones);
    const auto settings = folder.load();
    const auto& fare = settings.ride.fare;
    CHECK(fare.mode == policy::FareRules::Mode::zones);
    CHECK(fare.zoneOfStation.size() == 6);
    CHECK(fare.zoneOfStation.at(3) == 1);
    CHECK(fare.zoneOfStation.at(4) == 2);
    CHECK(fare.priceOfZones == std::map<unsigned, std::uint32_t>{{1, 100}, {2, 200}});
    CHECK(fare.maximumFen == 300);
    CHECK(fare.longestRide == 7200s);
    CHECK(settings.service.fareFen == 300);
    CHECK(settings.ride.position.line == 101);
    CHECK(settings.ride.position.direction == 1);
    CHECK(settings.ride.position.station == 4);
}

TEST_CASE("service.fare_fen is the short form of a flat fare") {
    const RideFolder folder;
    folder.rides("");
    folder.change("bus.toml", "id = \"bus.ride\"", "fare_fen = 150\nid = \"bus.ride\"");
    const auto settings = folder.load();
    CHECK(settings.service.fareFen == 150);
    CHECK(settings.ride.fare.mode == policy::FareRules::Mode::flat);
    CHECK(settings.ride.fare.flatFen == 150);
    CHECK(settings.ride.fare.transferWindow == 0s);

    folder.change("bus.toml", "[ride]", "[fare]\nmode = \"flat\"\nflat_fen = 150\n\n[ride]");
    CHECK(folder.complaint("fare_fen = 150") ==
          "service.fare_fen: [fare] tells the fare already; remove one of them");
}

TEST_CASE("what is wrong with a ride's settings is named with line, setting and remedy") {
    struct Case {
        bool byZones;
        std::string before;
        std::string after;
        std::string complaint;
    };
    const std::vector<Case> cases{
        {false, "mode = \"flat\"", "mode = \"free\"", "fare.mode: not of the right form; give \"flat\" or"},
        {false, "flat_fen = 200", "flat_fen = 100001", "fare.flat_fen: not a number in range"},
        {false, "flat_fen = 200", "flat_fen = 2.5", "fare.flat_fen: not a number in range"},
        {false, "retap_interval_s = 10", "retap_interval_s = -1", "fare.retap_interval_s: not a number"},
        {false, "transfer_fen = 0", "transfer_fen = 201", "fare.transfer_fen: above flat_fen"},
        {false, "transfer_fen = 0", "maximum_fen = 0", "fare.maximum_fen: unknown setting"},
        {false, "line = 1", "line = 10000", "position.line: not a number in range"},
        {false, "\"outbound\"", "\"up\"", "position.direction: not of the right form"},
        {false, "city = \"6401\"", "city = 6401", "ride.city: not of the right form; give four digits"},
        {false, "\"0000000000006401\"", "\"64 01\"", "ride.acquirer: not of the right form; give sixteen"},
        {false, "\"0000000000000117\"", "\"00000000000A0117\"", "ride.vehicle: not of the right form"},
        {false, "\"transit_purse\"", "\"purse\"", "cards.applications[0]: not of the right form; give"},
        {false, "\"transit_purse\"", "\"legacy_uid\"", "cards.applications[2]: given twice; remove one"},
        {false, "[\"transit_purse\", \"social_security\", \"legacy_uid\"]", "[]",
         "cards.applications: not a list, or an empty one; give [ ... ] of \"transit_purse\""},
        {false, "[cards]", "[cards] # \nsm4 = 1\n", "cards.sm4: neither true nor false"},
        {false, "[cards]", "[cards] #\ndebounce_ms = 60001\n", "cards.debounce_ms: not a number in range"},
        {true, "[[1, 2, 3], [4, 5, 6]]", "[[1, 2, 3], [4, 5, 1]]",
         "fare.zones: station 1 is given twice; give it once"},
        {true, "[[1, 2, 3], [4, 5, 6]]", "[[1, 2, 3], 4]", "fare.zones[1]: not a list of whole numbers"},
        {true, "[[1, 2, 3], [4, 5, 6]]", "[[1, 2, 3], []]", "fare.zones[1]: not a list of whole numbers"},
        {true, "[[1, 2, 3], [4, 5, 6]]", "[[1, 2, 3], [4, 256]]", "fare.zones[1][1]: not a number in range"},
        {true, "[[1, 2, 3], [4, 5, 6]]", "\"1-3\"", "fare.zones: not a list, or an empty one"},
        {true, "[100, 200]", "[100]", "fare.prices_fen: 2 zones and 1 prices; give one price for each"},
        {true, "[100, 200]", "[100, -1]", "fare.prices_fen[1]: not a number in range"},
        {true, "maximum_fen = 300", "maximum_fen = 199", "fare.maximum_fen: below the dearest of prices_fen"},
        {true, "longest_ride_s = 7200", "longest_ride_s = 0", "fare.longest_ride_s: not a number in range"},
    };
    for (const auto& [byZones, before, after, expected] : cases) {
        const RideFolder folder;
        if (byZones)
            folder.rides(zones);
        folder.change("bus.toml", before, after);
        INFO(after);
        const auto own = after.substr(after.find('\n') + 1); // where a line was added, the complaint is there
        CHECK_THAT(folder.complaint(own), StartsWith(expected));
    }
}

TEST_CASE("rules that ask where the vehicle is cannot do without its position") {
    const RideFolder folder;
    folder.rides("[fare]\nmode = \"flat\"\nflat_fen = 200\nsame_direction_s = 60\n\n");
    CHECK_THAT(folder.complaint("# A fare validator"), StartsWith("position: missing; the fare rules ask"));
    folder.rides("[fare]\nmode = \"flat\"\nflat_fen = 200\n\n");
    CHECK(folder.load().ride.fare.sameDirection == 0s);

    folder.rides(zones.substr(0, zones.find("[position]")));
    CHECK_THAT(folder.complaint("# A fare validator"), StartsWith("position: missing"));
    folder.rides(zones);
    folder.change("bus.toml", "station = 4", "station = 7");
    CHECK_THAT(folder.complaint("[position]"), StartsWith("position: its station is in no zone"));
}

TEST_CASE("a purse's records cannot do without what they name") {
    const RideFolder folder;
    const auto whole = folder.text("bus.toml");
    folder.write("bus.toml", whole.substr(0, whole.find("[ride]")) + whole.substr(whole.find("[readers]")));
    CHECK_THAT(folder.complaint("# A fare validator"),
               StartsWith("ride: missing; a purse's records name it"));
    folder.change("bus.toml", "\"transit_purse\", ", "");
    CHECK(folder.load().ride.city == 0);
}
