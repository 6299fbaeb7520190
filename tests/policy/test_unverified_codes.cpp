// Codes that nobody verified, and emergency codes: what a service may relax for them, and what never.
#include "tests/policy/rules.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;
using identity::Assurance;
using identity::Medium;

namespace {

// A code that nobody verified, at a service that defers such codes and asks for more assurance.
Situation deferring() {
    Situation situation;
    auto service = serviceJson();
    service["regions"] = {"*"};
    service["offline"]["unverified_codes"] = {{"defer", {{"per_subject", 1}, {"per_terminal", 5}}}};
    situation.state = stateOf(catalogueJson(service));
    situation.holder.medium = Medium::electronic_card_code;
    situation.holder.assurance = Assurance::presented;
    situation.holder.region = "";
    situation.holder.singleUse = identity::SingleUse{};
    situation.lists.online = false;
    return situation;
}

} // namespace

TEST_CASE("a code that nobody verified is deferred where the service says so, with its quotas") {
    for (const auto medium : {Medium::electronic_card_code, Medium::fusion_code})
        for (const bool online : {true, false}) {
            auto situation = deferring();
            situation.holder.medium = medium;
            situation.lists.online = online;
            const auto decision = situation.decision();
            CHECK(decision.accepted());
            CHECK(decision.deferred);
            CHECK(decision.fareFen == 200);
        }
    const auto situation = deferring();
    const auto& service = *situation.state.catalogue->find("test.service");
    const auto quotas = quotasFor(situation.holder, service);
    REQUIRE(quotas.size() == 2);
    CHECK(quotas[0].limit == 1);
    CHECK(quotas[1].limit == 5);
    CHECK(quotas[0].refusal == Reason::deferral_limit);
    auto other = situation.holder;
    other.subject[0] ^= 1;
    CHECK(quotasFor(other, service)[0].key != quotas[0].key);
    CHECK(quotasFor(other, service)[1].key == quotas[1].key); // the terminal's
    auto verified = situation.holder;
    verified.assurance = Assurance::authenticated;
    CHECK(quotasFor(verified, service).empty());
    auto proved = deferring();
    proved.holder = verified;
    CHECK(proved.decision().accepted());
    CHECK_FALSE(proved.decision().deferred);
}

TEST_CASE("a deferral relaxes what must be proved, and no other rule") {
    for (const auto& rule : rules) {
        if (rule.reason == Reason::online_only || rule.reason == Reason::assurance_too_low ||
            rule.reason == Reason::offline_not_allowed)
            continue;
        auto situation = deferring();
        rule.breakIt(situation);
        INFO(nameOf(rule.reason));
        if (rule.reason == Reason::region_not_covered)
            situation.changeService("/offline/unverified_codes",
                                    {{"defer", {{"per_subject", 1}, {"per_terminal", 5}}}});
        const auto decision = situation.decision();
        REQUIRE(decision.reason);
        CHECK(nameOf(*decision.reason) == nameOf(rule.reason));
        CHECK_FALSE(decision.deferred);
    }
    auto service = serviceJson();
    service["regions"] = {"*"};
    service["offline"]["allowed"] = false;
    service["offline"]["unverified_codes"] = {{"defer", {{"per_subject", 1}, {"per_terminal", 5}}}};
    for (const bool online : {true, false}) {
        auto situation = deferring();
        situation.state = stateOf(catalogueJson(service));
        situation.lists.online = online; // the verifier was not reached, whatever the courier reaches
        CHECK(situation.decision().reason == Reason::offline_not_allowed);
    }
}

TEST_CASE("a card, a transit code or a code of more than that is never deferred") {
    for (const auto medium : {Medium::social_security_card, Medium::transit_code}) {
        auto situation = deferring();
        situation.holder.medium = medium;
        CHECK(situation.decision().reason == Reason::assurance_too_low);
    }
    auto situation = deferring();
    situation.holder.assurance = Assurance::read;
    CHECK(situation.decision().reason == Reason::assurance_too_low);
}

TEST_CASE(
    "an emergency code is excused from the minimum assurance where the service takes it, and only that") {
    const auto emergency = [](bool taken) {
        Situation situation;
        if (taken)
            situation.changeService("/emergency_codes", true);
        situation.holder.medium = Medium::fusion_code;
        situation.holder.assurance = Assurance::read;
        situation.holder.emergency = true;
        situation.holder.singleUse = identity::SingleUse{};
        return situation;
    };
    CHECK(emergency(false).decision().reason == Reason::assurance_too_low);
    auto modest = emergency(false); // nor where the service asks for little
    modest.changeService("/minimum_assurance", "read");
    CHECK(modest.decision().reason == Reason::assurance_too_low);
    CHECK(emergency(true).decision().accepted());
    CHECK_FALSE(emergency(true).decision().deferred);

    auto plain = emergency(true);
    plain.holder.emergency = false;
    CHECK(plain.decision().reason == Reason::assurance_too_low);
    auto less = emergency(true);
    less.holder.assurance = Assurance::presented;
    CHECK(less.decision().reason == Reason::online_only);
    for (const auto& rule : rules) {
        auto situation = emergency(true);
        rule.breakIt(situation);
        if (rule.reason == Reason::offline_not_allowed || rule.reason == Reason::online_only ||
            rule.reason == Reason::assurance_too_low)
            continue; // what they change is the catalogue, or what is excused
        INFO(nameOf(rule.reason));
        REQUIRE(situation.decision().reason);
        CHECK(nameOf(*situation.decision().reason) == nameOf(rule.reason));
    }
}
