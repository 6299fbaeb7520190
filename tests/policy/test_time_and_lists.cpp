#include "tests/policy/rules.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;

TEST_CASE("what each state of the clock allows is the service's rule, for cards and for codes") {
    const auto trusts = {TimeTrust::synced, TimeTrust::holdover, TimeTrust::suspect};
    for (const auto medium : {identity::Medium::social_security_card, identity::Medium::transit_code})
        for (const auto needed : trusts)
            for (const auto trust : trusts)
                for (const bool online : {true, false}) {
                    CAPTURE(identity::nameOf(medium), nameOf(needed), nameOf(trust), online);
                    Situation situation;
                    situation.holder.medium = medium;
                    situation.changeService("/offline/trust_needed", nameOf(needed));
                    situation.now.trust = trust;
                    situation.lists.online = online;
                    const auto decision = situation.decision();
                    CHECK(decision.accepted() == (trust <= needed));
                    if (!decision.accepted())
                        CHECK(decision.reason == Reason::clock_suspect);
                }
}

namespace {

struct Staleness {
    const char* name;
    policy::Lists lists;
    bool stale;
};
const std::vector<Staleness> stalenesses{
    {"fresh", {true, 10s}, false},
    {"as old as may be", {false, 3600s}, false},
    {"too old", {false, 3601s}, true},
    {"too old, and online", {true, 3601s}, true},
    {"never confirmed", {true, std::nullopt}, true},
    {"over, though just confirmed", {true, 10s, true}, true},
};

} // namespace

TEST_CASE("what stale lists do is the service's rule") {
    for (const auto* rule : {"refuse", "accept", ""})
        for (const auto& [name, lists, stale] : stalenesses) {
            CAPTURE(rule, name);
            Situation situation;
            if (*rule != 0)
                situation.changeService("/offline/stale_lists", rule);
            situation.lists = lists;
            const auto decision = situation.decision();
            const bool marked = stale && std::string(rule) == "accept";
            CHECK(decision.accepted() == (!stale || marked));
            CHECK(decision.staleLists == marked);
            CHECK(decision.listAge == lists.age);
            if (!decision.accepted())
                CHECK(decision.reason == Reason::offline_too_long);
        }
}

TEST_CASE("a stale list still refuses whom it lists, and one that cannot be asked lets nobody through") {
    Situation situation;
    situation.changeService("/offline/stale_lists", "accept");
    situation.lists.over = true;
    situation.lookUps.revoked = true;
    CHECK(situation.decision().reason == Reason::revoked);
    situation.lookUps.revoked = fail(Reason::look_up_failed);
    CHECK(situation.decision().reason == Reason::look_up_failed);
}

TEST_CASE("lists that seem to come from the future are no fresher for it, whatever the rule") {
    Situation situation;
    situation.changeService("/offline/stale_lists", "accept");
    situation.lists.age = -301s;
    CHECK(situation.decision().reason == Reason::clock_suspect);
}

TEST_CASE("the rule about stale lists has two names") {
    auto service = serviceJson();
    service["offline"]["stale_lists"] = "ignore";
    CHECK(policy::Catalogue::parse(catalogueJson(service).dump()).error().context ==
          "catalogue: services[0].offline.stale_lists: unknown name");
}
