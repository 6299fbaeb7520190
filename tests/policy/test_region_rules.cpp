#include "firmware/policy/region_rules.h"

#include "tests/policy/rules.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;

namespace {

json body() {
    return json::parse(R"({"rules": [
        {"service": "bus.ride", "at": ["6402"], "regions": ["64", "15"]},
        {"service": "bus.ride", "at": ["64"], "regions": ["*"]},
        {"service": "library.entry", "at": ["*"], "regions": ["6401"]}]})");
}

std::string complaint(const json& json) {
    const auto rules = policy::RegionRules::parse(json.dump());
    REQUIRE_FALSE(rules);
    CHECK(rules.error() == Reason::bulletin_malformed);
    return rules.error().context;
}

} // namespace

TEST_CASE("the first rule for the service and the terminal's region says which regions are admitted") {
    const auto rules = policy::RegionRules::parse(body().dump()).value();
    using Regions = std::vector<std::string>;
    REQUIRE(rules.admitted("bus.ride", "640205"));
    CHECK(*rules.admitted("bus.ride", "640205") == Regions{"64", "15"});
    CHECK(*rules.admitted("bus.ride", "640100") == Regions{"*"});
    CHECK(rules.admitted("bus.ride", "110105") == nullptr);
    CHECK(rules.admitted("museum.entry", "640100") == nullptr);
    CHECK(*rules.admitted("library.entry", "110105") == Regions{"6401"});
    CHECK(policy::RegionRules{}.admitted("bus.ride", "640100") == nullptr);
}

TEST_CASE("region rules of another form are refused with the place") {
    auto rules = body();
    rules["rules"][1]["at"] = json::array();
    CHECK(complaint(rules) == "region_rules: rules[1].at: empty");
    rules = body();
    rules["rules"][0]["regions"][1] = "15x";
    CHECK(complaint(rules) == "region_rules: rules[0].regions[1]: unknown name");
    rules = body();
    rules["rules"][0]["until"] = 1;
    CHECK(complaint(rules) == "region_rules: rules[0].until: unknown member");
    CHECK(complaint(json{{"rules", 1}}) == "region_rules: rules: not a list");
}

TEST_CASE("regions that are admitted take the place of the catalogue's, both ways") {
    Situation situation; // the catalogue covers 64
    situation.request.regions = std::vector<std::string>{"11"};
    CHECK(situation.decision().reason == Reason::region_not_covered);
    situation.holder.region = "110105";
    CHECK(situation.decision().accepted());
    situation.request.regions.reset();
    CHECK(situation.decision().reason == Reason::region_not_covered);
}
