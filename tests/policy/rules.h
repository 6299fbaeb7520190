// One presentation that nothing speaks against, and each rule of policy::decide with what breaks it.
#pragma once

#include "tests/policy/world.h"

#include <algorithm>

namespace ykt::test {

inline const policy::ServiceRequest ride{"test.service", "transport", 200, false};

struct Situation {
    identity::VerifiedIdentity holder = adult();
    policy::ServiceRequest request = ride;
    policy::CatalogueState state = stateOf(catalogueJson());
    policy::LookUps lookUps = nothingListed();
    policy::Lists lists = freshLists();
    Instant now = at(noon);

    [[nodiscard]] policy::Decision decision() const {
        return decide(holder, request, state, lookUps, lists, now);
    }
    void changeService(const std::string& pointer, const json& value) {
        auto service = serviceJson();
        service[json::json_pointer(pointer)] = value;
        state = stateOf(catalogueJson(service));
    }
};

using Change = void (*)(Situation&);

// In the order of the rules: each row breaks one rule and no earlier one.
struct Rule {
    Reason reason;
    Change breakIt;
};
inline const std::vector<Rule> rules{
    {Reason::terminal_locked, [](Situation& s) { s.request.locked = true; }},
    {Reason::catalogue_stale, [](Situation& s) { s.state.catalogue.reset(); }},
    {Reason::service_not_listed, [](Situation& s) { s.request.serviceId = "test.other"; }},
    {Reason::service_not_listed, [](Situation& s) { s.request.scene = "health"; }},
    {Reason::medium_not_allowed, [](Situation& s) { s.holder.medium = identity::Medium::legacy_card; }},
    {Reason::online_only,
     [](Situation& s) {
         if (s.holder.medium != identity::Medium::legacy_card)
             s.holder.medium = identity::Medium::electronic_card_code;
         s.holder.assurance = identity::Assurance::presented;
     }},
    {Reason::assurance_too_low,
     [](Situation& s) { s.holder.assurance = std::min(s.holder.assurance, identity::Assurance::read); }},
    {Reason::region_not_covered, [](Situation& s) { s.holder.region = "110105"; }},
    {Reason::medium_expired, [](Situation& s) { s.holder.validUntil = noon; }},
    {Reason::over_limit, [](Situation& s) { s.holder.tripLimitFen = 199; }},
    {Reason::revoked, [](Situation& s) { s.lookUps.revoked = true; }},
    {Reason::already_used,
     [](Situation& s) {
         s.holder.singleUse = identity::SingleUse{};
         s.lookUps.codeUsed = true;
     }},
    {Reason::repeated_too_soon, [](Situation& s) { s.lookUps.repeated = true; }},
    {Reason::offline_not_allowed,
     [](Situation& s) {
         s.lists.online = false;
         auto service = serviceJson();
         service["offline"]["allowed"] = false;
         const auto allowed = stateOf(catalogueJson(service)).catalogue;
         s.state.catalogue = allowed;
     }},
    {Reason::offline_too_long, [](Situation& s) { s.lists.age = std::chrono::seconds{3601}; }},
    {Reason::clock_suspect, [](Situation& s) { s.now.trust = TimeTrust::suspect; }},
};

} // namespace ykt::test
