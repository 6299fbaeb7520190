#include "tests/policy/world.h"
#include "tests/source_dir.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

using namespace ykt;
using namespace ykt::test;
using policy::Catalogue;

namespace {

std::string refusal(const json& catalogue) {
    const auto parsed = Catalogue::parse(catalogue.dump());
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == Reason::bulletin_malformed);
    return parsed.error().context;
}

std::string refusalWith(const std::string& pointer, const json& value) {
    auto catalogue = catalogueJson();
    catalogue[json::json_pointer(pointer)] = value;
    return refusal(catalogue);
}

} // namespace

TEST_CASE("a catalogue entry is read with every member") {
    const auto catalogue = Catalogue::parse(catalogueJson().dump());
    REQUIRE(catalogue);
    const auto* service = catalogue->find("test.service");
    REQUIRE(service);
    CHECK(service->name.zh == "测试");
    CHECK(service->name.en == "Test");
    CHECK(service->scene == "transport");
    CHECK(service->media.size() == 4);
    CHECK(service->minimumAssurance == identity::Assurance::authenticated);
    CHECK(service->regions == std::vector<std::string>{"64"});
    CHECK(service->offline.allowed);
    CHECK(service->offline.longestListAge == std::chrono::hours{1});
    CHECK(service->offline.trustNeeded == TimeTrust::holdover);
    CHECK(service->offline.unverifiedCodes.rule == policy::UnverifiedCodes::Rule::refuse);
    CHECK(service->repeatInterval == std::chrono::seconds{10});
    CHECK(service->disclose == std::vector{policy::DisclosedField::holder_class});
    CHECK(service->recordClass == offline_store::RecordClass::money);
    CHECK(service->concessions.at(identity::HolderClass::student) == 50);
    CHECK_FALSE(service->emergencyCodes);
    CHECK_FALSE(service->openHolderReference);
    CHECK(catalogue->find("test") == nullptr);
}

TEST_CASE("what a service makes of codes is read by name, with the caps of what it defers") {
    using Rule = policy::UnverifiedCodes::Rule;
    const auto read = [](const std::string& member, const json& value) {
        auto service = serviceJson();
        service[json::json_pointer(member)] = value;
        return Catalogue::parse(catalogueJson(service).dump()).value().services().front();
    };
    CHECK(read("/offline/unverified_codes", "refuse").offline.unverifiedCodes.rule == Rule::refuse);
    CHECK(read("/offline/unverified_codes", "refer").offline.unverifiedCodes.rule == Rule::refer);
    const auto deferral =
        read("/offline/unverified_codes", {{"defer", {{"per_subject", 2}, {"per_terminal", 40}}}})
            .offline.unverifiedCodes;
    CHECK(deferral.rule == Rule::defer);
    CHECK(deferral.perSubject == 2);
    CHECK(deferral.perTerminal == 40);
    CHECK(read("/emergency_codes", true).emergencyCodes);
    CHECK(read("/open_holder_reference", true).openHolderReference);
}

TEST_CASE("every member but the concessions must be there, and is named when it is not") {
    const auto whole = serviceJson();
    for (const auto& [key, unused] : whole.items()) {
        auto service = serviceJson();
        service.erase(key);
        if (key == "concessions")
            CHECK(Catalogue::parse(catalogueJson(service).dump()));
        else
            CHECK(refusal(catalogueJson(service)) == "catalogue: services[0]." + key + ": missing");
    }
}

TEST_CASE("what the form does not allow is refused with its path") {
    struct Case {
        std::string pointer;
        json value;
        std::string path;
    };
    const std::vector<Case> cases{
        {"/services/0/media/1", "smart_watch", "services[0].media[1]: unknown name"},
        {"/services/0/media/1", "social_security_card", "services[0].media[1]: listed twice"},
        {"/services/0/media/1", 7, "services[0].media[1]: not a text"},
        {"/services/0/media", json::array(), "services[0].media: empty"},
        {"/services/0/media", "fusion_code", "services[0].media: not a list"},
        {"/services/0/minimum_assurance", "certain", "services[0].minimum_assurance: unknown name"},
        {"/services/0/regions/0", "6x", "services[0].regions[0]: unknown name"},
        {"/services/0/regions/0", "6401001", "services[0].regions[0]: unknown name"},
        {"/services/0/regions/0", "", "services[0].regions[0]: unknown name"},
        {"/services/0/regions", json::array(), "services[0].regions: empty"},
        {"/services/0/id", "Bus Ride", "services[0].id: unknown name"},
        {"/services/0/name/zh", "", "services[0].name.zh: not a text, or empty"},
        {"/services/0/name/fr", "x", "services[0].name.fr: unknown member"},
        {"/services/0/offline/allowed", 1, "services[0].offline.allowed: neither true nor false"},
        {"/services/0/offline/trust_needed", "perfect", "services[0].offline.trust_needed: unknown name"},
        {"/services/0/offline/longest_list_age_s", 59,
         "services[0].offline.longest_list_age_s: not a whole number"},
        {"/services/0/offline/unverified_codes", "trust",
         "services[0].offline.unverified_codes: unknown name"},
        {"/services/0/offline/unverified_codes", "defer",
         "services[0].offline.unverified_codes: unknown name"},
        {"/services/0/offline/unverified_codes", true, "services[0].offline.unverified_codes: not a text"},
        {"/services/0/offline/unverified_codes", json::object(),
         "services[0].offline.unverified_codes.defer: missing"},
        {"/services/0/offline/unverified_codes",
         {{"defer", {{"per_subject", 1}}}},
         "services[0].offline.unverified_codes.defer.per_terminal: missing"},
        {"/services/0/offline/unverified_codes",
         {{"defer", {{"per_subject", 0}, {"per_terminal", 9}}}},
         "services[0].offline.unverified_codes.defer.per_subject: not a whole number from 1"},
        {"/services/0/offline/unverified_codes",
         {{"defer", {{"per_subject", 1}, {"per_terminal", 100'001}}}},
         "services[0].offline.unverified_codes.defer.per_terminal: not a whole number from 1"},
        {"/services/0/offline/unverified_codes",
         {{"defer", json::object()}, {"refer", true}},
         "services[0].offline.unverified_codes.refer: unknown member"},
        {"/services/0/emergency_codes", "yes", "services[0].emergency_codes: neither true nor false"},
        {"/services/0/open_holder_reference", 1, "services[0].open_holder_reference: neither true nor false"},
        {"/services/0/repeat_interval_s", -1,
         "services[0].repeat_interval_s: not a whole number from 0 to 86400"},
        {"/services/0/repeat_interval_s", 1.5, "services[0].repeat_interval_s: not a whole number"},
        {"/services/0/repeat_interval_s", UINT64_MAX, "services[0].repeat_interval_s: not a whole number"},
        {"/services/0/disclose/0", "face", "services[0].disclose[0]: unknown name"},
        {"/services/0/record_class", "telemetry", "services[0].record_class: unknown name"},
        {"/services/0/concessions/adult", 101, "services[0].concessions.adult: not a whole number"},
        {"/services/0/concessions/king", 1, "services[0].concessions.king: unknown holder class"},
        {"/services/0/concessions/unknown", 1, "services[0].concessions.unknown: unknown holder class"},
        {"/services/0/surprise", 1, "services[0].surprise: unknown member"},
        {"/services/0", 1, "services[0]: not an object"},
        {"/services/1", serviceJson(), "services[1].id: listed twice"},
        {"/more", 1, "more: unknown member"},
        {"/services", 1, "services: not a list"},
    };
    for (const auto& [pointer, value, path] : cases)
        CHECK_THAT(refusalWith(pointer, value), Catch::Matchers::StartsWith("catalogue: " + path));
}

TEST_CASE("a text that is no JSON object, or names a member twice, is refused") {
    for (const auto* text :
         {"", "{", "[]", "null", "{\"services\":[]} x", "{\"services\":[],\"services\":[]}"}) {
        INFO(text);
        const auto parsed = Catalogue::parse(text);
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error() == Reason::bulletin_malformed);
    }
    CHECK(Catalogue::parse(R"({"services":[]})")->services().empty());
}

TEST_CASE("a text that nests deeper than any bulletin is refused before it costs stack") {
    const std::string deep(100'000, '[');
    const auto parsed = Catalogue::parse("{\"services\":" + deep);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().context == "catalogue: nested too deep");
    const std::string fits = "{\"services\":" + std::string(32, '[') + std::string(32, ']') + "}";
    CHECK(Catalogue::parse(fits).error().context == "catalogue: services[0]: not an object");
}

TEST_CASE("the example catalogue is in force as it stands") {
    std::ifstream file(test::sourceDir() / "firmware/profiles/catalogue.json");
    std::stringstream text;
    text << file.rdbuf();
    offline_store::Bulletin bulletin;
    bulletin.body = text.str();
    bulletin.notBefore = noon;
    bulletin.notAfter = noon + std::chrono::hours{1};
    const auto state = policy::CatalogueState::of(bulletin);
    REQUIRE(state);
    CHECK(state->notBefore == bulletin.notBefore);
    CHECK(state->notAfter == bulletin.notAfter);
    for (const auto* id : {"bus.ride", "library.entry", "museum.entry", "hospital.outpatient_registration",
                           "pharmacy.purchase"})
        CHECK(state->catalogue->find(id));
}
