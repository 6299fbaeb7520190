#include "tests/policy/rules.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;
using identity::Assurance;
using identity::HolderClass;
using identity::Medium;
using policy::Decision;
using Verdict = Decision::Verdict;

TEST_CASE("nothing objects: accepted, with fare, disclosure and the age of the lists") {
    const auto decision = Situation{}.decision();
    CHECK(decision.verdict == Verdict::accepted);
    CHECK_FALSE(decision.reason);
    CHECK(decision.fareFen == 200);
    CHECK(decision.listAge == 10s);
    CHECK(decision.holderText.en == "Accepted");
    REQUIRE(decision.disclosed.size() == 1);
    CHECK(decision.disclosed[0].value.reveal() == "adult");
}

TEST_CASE("each rule refuses alone, with its own reason and the reason's words for the holder") {
    for (const auto& rule : rules) {
        Situation situation;
        rule.breakIt(situation);
        const auto decision = situation.decision();
        INFO(nameOf(rule.reason));
        REQUIRE(decision.reason);
        CHECK(nameOf(*decision.reason) == nameOf(rule.reason));
        CHECK(decision.verdict == Verdict::refused);
        CHECK(decision.fareFen == 0);
        CHECK(decision.disclosed.empty());
        CHECK(decision.holderText.zh == describe(rule.reason).holderZh);
    }
}

TEST_CASE("of two rules that say no, the earlier one is named") {
    for (std::size_t first = 0; first < rules.size(); ++first) {
        for (std::size_t second = first + 1; second < rules.size(); ++second) {
            Situation situation;
            rules[second].breakIt(situation);
            rules[first].breakIt(situation);
            INFO(nameOf(rules[first].reason) << " before " << nameOf(rules[second].reason));
            CHECK(nameOf(*situation.decision().reason) == nameOf(rules[first].reason));
        }
    }
}

TEST_CASE("medium, assurance and region: a table of who is let through") {
    struct Row {
        Medium medium;
        Assurance assurance;
        std::string region;
        std::optional<Reason> expected; // none: accepted
    };
    constexpr auto card = Medium::social_security_card;
    constexpr auto essc = Medium::electronic_card_code;
    const std::vector<Row> rows{
        {card, Assurance::presented, "640100", Reason::assurance_too_low},
        {card, Assurance::read, "640100", Reason::assurance_too_low},
        {card, Assurance::authenticated, "640100", {}},
        {card, Assurance::authenticated_with_pin, "640100", {}},
        {card, Assurance::authenticated, "642226", {}},
        {card, Assurance::authenticated, "110000", Reason::region_not_covered},
        {card, Assurance::authenticated, "164000", Reason::region_not_covered},
        {card, Assurance::authenticated, "", Reason::region_not_covered},
        {essc, Assurance::presented, "", Reason::online_only},
        {essc, Assurance::authenticated, "640100", {}}, // what an online verifier makes of it
        {Medium::fusion_code, Assurance::authenticated, "640300", {}},
        {Medium::fusion_code, Assurance::authenticated, "650100", Reason::region_not_covered},
        {Medium::transit_code, Assurance::authenticated, "", Reason::region_not_covered},
        {Medium::legacy_card, Assurance::authenticated, "640100", Reason::medium_not_allowed},
    };
    for (const auto& row : rows) {
        Situation situation;
        situation.holder.medium = row.medium;
        situation.holder.assurance = row.assurance;
        situation.holder.region = row.region;
        INFO(nameOf(row.medium) << " " << nameOf(row.assurance) << " " << row.region);
        CHECK(situation.decision().reason == row.expected);
    }
}

TEST_CASE("region rules: prefixes, several of them, and all") {
    Situation situation;
    situation.holder.region = "610100";
    situation.changeService("/regions", {"64", "6101"});
    CHECK(situation.decision().accepted());
    situation.holder.region = "610200";
    CHECK(situation.decision().reason == Reason::region_not_covered);
    situation.changeService("/regions", {"*"});
    CHECK(situation.decision().accepted());
    situation.holder.region = ""; // a transit code tells no region
    CHECK(situation.decision().accepted());
}

TEST_CASE(
    "an electronic card code that nobody verified is referred where the service says so, never accepted") {
    for (const auto* minimum : {"presented", "read", "authenticated"}) {
        for (const bool online : {true, false}) {
            Situation situation;
            auto service = serviceJson();
            service["minimum_assurance"] = minimum;
            service["regions"] = {"*"};
            service["offline"]["unverified_codes"] = "refer";
            situation.state = stateOf(catalogueJson(service));
            situation.holder.medium = Medium::electronic_card_code;
            situation.holder.assurance = Assurance::presented;
            situation.lists.online = online;
            const auto decision = situation.decision();
            CHECK(decision.verdict == Verdict::referred);
            CHECK(decision.reason == Reason::online_only);
        }
    }
}

TEST_CASE("network, age of the lists and clock: a table") {
    struct Row {
        bool allowedOffline;
        bool online;
        std::optional<std::chrono::seconds> age;
        TimeTrust needed, trust;
        std::optional<Reason> expected;
    };
    constexpr auto synced = TimeTrust::synced;
    constexpr auto holdover = TimeTrust::holdover;
    constexpr auto suspect = TimeTrust::suspect;
    const std::vector<Row> rows{
        {true, true, 0s, holdover, synced, {}},
        {true, false, 3600s, holdover, synced, {}},
        {true, false, 3601s, holdover, synced, Reason::offline_too_long},
        {true, true, 3601s, holdover, synced,
         Reason::offline_too_long}, // online, but nobody confirms the lists
        {true, false, {}, holdover, synced, Reason::offline_too_long},
        {false, true, 0s, holdover, synced, {}},
        {false, false, 0s, holdover, synced, Reason::offline_not_allowed},
        {true, true, 0s, synced, holdover, Reason::clock_suspect},
        {true, true, 0s, synced, suspect, Reason::clock_suspect},
        {true, true, 0s, holdover, holdover, {}},
        {true, true, 0s, holdover, suspect, Reason::clock_suspect},
        {true, true, 0s, suspect, suspect, {}},
    };
    for (const auto& row : rows) {
        Situation situation;
        auto service = serviceJson();
        service["offline"]["allowed"] = row.allowedOffline;
        service["offline"]["trust_needed"] = nameOf(row.needed);
        situation.state = stateOf(catalogueJson(service));
        situation.lists = {row.online, row.age};
        situation.now.trust = row.trust;
        INFO("row " << &row - rows.data());
        CHECK(situation.decision().reason == row.expected);
    }
}

TEST_CASE("a catalogue is in force from not_before until just before not_after") {
    Situation situation;
    situation.now.wall = situation.state.notBefore;
    CHECK(situation.decision().accepted());
    situation.now.wall = situation.state.notBefore - 1ms;
    CHECK(situation.decision().reason == Reason::catalogue_stale);
    situation.now.trust = TimeTrust::suspect; // the clock is what has to be mended
    CHECK(situation.decision().reason == Reason::clock_suspect);
    situation.now.trust = TimeTrust::synced;
    situation.now.wall = situation.state.notAfter - 1ms;
    CHECK(situation.decision().accepted());
    situation.state = {};
    CHECK(situation.decision().reason == Reason::catalogue_stale);
}

TEST_CASE("concessions: percent of the fare by class, rounded down, unknown classes pay in full") {
    const auto fare = [](HolderClass holderClass, std::uint32_t full) {
        Situation situation;
        situation.holder.holderClass = holderClass;
        situation.request.fareFen = full;
        return situation.decision().fareFen;
    };
    CHECK(fare(HolderClass::adult, 200) == 200);
    CHECK(fare(HolderClass::unknown, 200) == 200);
    CHECK(fare(HolderClass::student, 200) == 100);
    CHECK(fare(HolderClass::student, 5) == 2);
    CHECK(fare(HolderClass::preschool, 200) == 66);
    CHECK(fare(HolderClass::senior, 200) == 0);
    CHECK(fare(HolderClass::student, UINT32_MAX) == UINT32_MAX / 2);
}

TEST_CASE("the issuer's trip limit holds for what is really paid") {
    Situation situation;
    situation.holder.tripLimitFen = 100;
    CHECK(situation.decision().reason == Reason::over_limit);
    situation.holder.holderClass = HolderClass::student;
    CHECK(situation.decision().accepted());
}

TEST_CASE("disclosed: only what the service lists, only what is known, the number masked") {
    Situation situation;
    situation.changeService("/disclose", {"name", "social_security_number_masked", "region"});
    auto disclosed = situation.decision().disclosed;
    REQUIRE(disclosed.size() == 1); // EF06 was not read
    CHECK(disclosed[0].field == policy::DisclosedField::region);

    situation.holder.name = PersonalData<std::string>{"张三"};
    situation.holder.socialSecurityNumber = PersonalData<std::string>{"11010519491231002X"};
    disclosed = situation.decision().disclosed;
    REQUIRE(disclosed.size() == 3);
    CHECK(disclosed[0].value.reveal() == "张三");
    CHECK(disclosed[1].value.reveal() == "**************002X");
    CHECK(disclosed[2].value.reveal() == "640100");
}

TEST_CASE("lists do not grow young when the clock is set back; setting it right by a little is no matter") {
    Situation situation;
    situation.lists.age = -300s;
    CHECK(situation.decision().accepted());
    situation.lists.age = -301s;
    CHECK(situation.decision().reason == Reason::clock_suspect);
}

TEST_CASE("a purse pays what its holder's class pays") {
    for (const auto& [holderClass, fen] : {std::pair{HolderClass::adult, 200U},
                                           {HolderClass::student, 100U},
                                           {HolderClass::senior, 0U},
                                           {HolderClass::unknown, 200U}}) {
        Situation situation;
        auto service = serviceJson();
        service["media"] = {"transit_purse"};
        situation.state = stateOf(catalogueJson(service));
        situation.holder.medium = Medium::transit_purse;
        situation.holder.holderClass = holderClass;
        const auto decision = situation.decision();
        CHECK(decision.accepted());
        CHECK(decision.fareFen == fen);
    }
}

TEST_CASE("a legacy card enters where a service takes what is only presented, and nowhere else") {
    Situation situation;
    situation.holder.medium = Medium::legacy_card;
    situation.holder.assurance = Assurance::presented;
    auto service = serviceJson();
    service["media"] = {"legacy_card"};
    situation.state = stateOf(catalogueJson(service));
    CHECK(situation.decision().reason == Reason::assurance_too_low);
    service["minimum_assurance"] = "presented";
    situation.state = stateOf(catalogueJson(service));
    CHECK(situation.decision().accepted());
}
