// What bulletins that end, rule regions and set fares do at a terminal.
#include "firmware/terminal/code_intake.h"
#include "firmware/terminal/terminal.h"
#include "tests/firmware/terminal_fixture.h"

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;
using firmware::identity::Medium;
using firmware::identity::VerifiedIdentity;
using hal::Signal;
using nlohmann::json;

namespace {

VerifiedIdentity holder(Medium medium = Medium::social_security_card) {
    VerifiedIdentity identity;
    identity.medium = medium;
    identity.assurance = firmware::identity::Assurance::authenticated;
    identity.subject.fill(1);
    identity.mediumId = PersonalData<std::string>(std::string(32, '1'));
    identity.region = "640100";
    identity.holderClass = firmware::identity::HolderClass::adult;
    return identity;
}

struct ListsFixture : TerminalFixture {
    ListsFixture() { // in Yinchuan
        const auto fresh = [](WallTime) { return firmware::policy::Lists{true, 5s}; };
        terminal = std::make_unique<firmware::terminal::Terminal>(
            firmware::policy::ServiceRequest{"bus.ride", "transport", 200, false, "640100"}, *store,
            firmware::terminal::Actuators{*gate, *light, actuations.sound()}, clock,
            firmware::terminal::Terminal::Links{fresh, [] {}, [] {}});
        REQUIRE(terminal->reloadBulletins());
    }
    firmware::terminal::Outcome present(const VerifiedIdentity& identity = holder()) {
        clock.advance(1min); // beyond the repeat interval
        return terminal->conclude({"lane", clock.now().monotonic, std::nullopt}, identity);
    }
    void put(const std::string& kind, const json& body) {
        install(kind, body.dump());
        REQUIRE(terminal->reloadBulletins());
    }
    // A bulletin of this kind that ends in an hour.
    void putForAnHour(const std::string& kind, const std::string& body) {
        const auto now = clock.now().wall;
        const auto bulletin = publisher.publish(kind, ++version, now - 1h, now + 1h, body);
        REQUIRE(bulletin);
        REQUIRE(store->install(*bulletin, publisher.publicKey()));
        REQUIRE(terminal->reloadBulletins());
    }
    json lastPayload() {
        const auto record = store->read(recorded());
        REQUIRE(record);
        return json::parse(record->payload);
    }
    static std::string acceptingStaleLists() {
        auto body = json::parse(catalogueBody());
        body["services"][0]["offline"]["stale_lists"] = "accept";
        return body.dump();
    }
};

const auto noneListed = R"({"entries": []})";

} // namespace

TEST_CASE_METHOD(ListsFixture, "a revocation list that is over leaves it to the service's rule") {
    putForAnHour("revocation", noneListed);
    CHECK(present().signal == Signal::accepted);
    CHECK_FALSE(lastPayload()["lists"].contains("stale"));
    clock.advance(2h);
    CHECK(present().reason == Reason::offline_too_long);
    install("catalogue", acceptingStaleLists());
    REQUIRE(terminal->reloadBulletins());
    CHECK(present().signal == Signal::accepted);
    CHECK(lastPayload()["lists"]["stale"] == true);
}

TEST_CASE_METHOD(ListsFixture, "a catalogue that is over gives no service") {
    putForAnHour("catalogue", catalogueBody());
    CHECK(present().signal == Signal::accepted);
    clock.advance(2h);
    CHECK(present().reason == Reason::catalogue_stale);
}

TEST_CASE_METHOD(ListsFixture, "trust anchors and legacy cards that are over are as if they were not there") {
    putForAnHour("trust_anchors", codes.anchorsBody());
    const std::string digest(32, 'a');
    putForAnHour("legacy_map", json{{"cards",
                                     {{{"uid", digest},
                                       {"holder", std::string(32, 'b')},
                                       {"class", "adult"},
                                       {"region", "640100"},
                                       {"not_after", "2099-12-31"}}}}}
                                   .dump());
    firmware::identity::LegacyDigest uid{};
    uid.fill(0xAA);
    CHECK_FALSE(terminal->codeVerifier()->anchors().empty());
    CHECK(terminal->legacyMap()->find(uid));
    CHECK_FALSE(terminal->isOver("trust_anchors"));
    clock.advance(2h);
    CHECK(terminal->codeVerifier()->anchors().empty());
    CHECK(terminal->legacyMap()->find(uid).error() == Reason::not_registered);
    CHECK(terminal->isOver("trust_anchors"));
    CHECK_FALSE(terminal->isOver("fare_tables")); // there is none
}

TEST_CASE_METHOD(ListsFixture, "a code is not called forged because the trust anchors are over") {
    putForAnHour("trust_anchors", codes.anchorsBody());
    clock.advance(2h);
    firmware::terminal::CodeIntake intake{"code-1", {*terminal, pseudonymKey, nullptr}};
    const auto code = codes.transitCode(sim::TransitCodeSpec{}, clock.now().wall).value();
    intake.take({ByteView(code)}, clock.now().monotonic);
    const auto outcome = terminal->outcomes().after(0).back();
    CHECK(outcome.reason == Reason::bulletin_out_of_date);
    CHECK(outcome.signal == Signal::fault);
    CHECK(recorded() == 0);
}

TEST_CASE_METHOD(ListsFixture, "region rules hold where the terminal stands, and while they are in force") {
    auto traveller = holder();
    traveller.region = "110105";
    CHECK(present(traveller).signal == Signal::accepted); // the catalogue: everywhere
    putForAnHour("region_rules",
                 R"({"rules": [{"service": "bus.ride", "at": ["6401"], "regions": ["64"]}]})");
    CHECK(present(traveller).reason == Reason::region_not_covered);
    CHECK(lastPayload()["lists"]["region_rules"] == version);
    CHECK(present().signal == Signal::accepted);
    clock.advance(2h);
    CHECK(present(traveller).signal == Signal::accepted);
    put("region_rules", json{{"rules", {{{"service", "bus.ride"}, {"at", {"6402"}}, {"regions", {"64"}}}}}});
    CHECK(present(traveller).signal == Signal::accepted);
}

TEST_CASE_METHOD(ListsFixture, "a published fare takes the place of the profile's for its lines") {
    CHECK(present().fareFen == 200);
    putForAnHour("fare_tables", R"({"tables": [{"service": "bus.ride", "lines": [7],
                                    "fare": {"mode": "flat", "flat_fen": 150}}]})");
    CHECK(present().fareFen == 200);
    CHECK_FALSE(terminal->publishedFare());
    terminal->setPosition({7, 0, 0});
    CHECK(present().fareFen == 150);
    CHECK(lastPayload()["lists"]["fare_tables"] == version);
    CHECK(terminal->publishedFare()->flatFen == 150);
    CHECK(terminal->fullFareFen() == 150);
    clock.advance(2h);
    CHECK(present().fareFen == 200);
}
