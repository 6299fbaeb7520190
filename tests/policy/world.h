// A catalogue and a holder for the tests of this folder: one member changed, one reason expected.
#pragma once

#include "firmware/policy/decide.h"

#include <nlohmann/json.hpp>

namespace ykt::test {

using namespace firmware;
using nlohmann::json;

inline const WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + std::chrono::hours{4};

inline json serviceJson() {
    return json::parse(R"({
        "id": "test.service", "name": {"zh": "测试", "en": "Test"}, "scene": "transport",
        "media": ["social_security_card", "electronic_card_code", "fusion_code", "transit_code"],
        "minimum_assurance": "authenticated", "regions": ["64"],
        "offline": {"allowed": true, "longest_list_age_s": 3600, "trust_needed": "holdover",
                    "unverified_codes": "refuse"},
        "repeat_interval_s": 10, "disclose": ["holder_class"], "record_class": "money",
        "concessions": {"student": 50, "senior": 0, "preschool": 33}})");
}

inline json catalogueJson(json service = serviceJson()) {
    return {{"services", json::array({std::move(service)})}};
}

inline policy::CatalogueState stateOf(const json& catalogue) {
    return {std::make_shared<const policy::Catalogue>(policy::Catalogue::parse(catalogue.dump()).value()),
            noon - std::chrono::hours{1}, noon + std::chrono::hours{1}};
}

inline identity::VerifiedIdentity adult() {
    identity::VerifiedIdentity holder;
    holder.medium = identity::Medium::social_security_card;
    holder.assurance = identity::Assurance::authenticated;
    holder.subject.fill(0x11);
    holder.mediumId = PersonalData<std::string>{"640100d1560000050000000100000001"};
    holder.region = "640100";
    holder.holderClass = identity::HolderClass::adult;
    return holder;
}

inline policy::LookUps nothingListed() {
    return {false, false, false};
}
inline policy::Lists freshLists() {
    return {true, std::chrono::seconds{10}};
}
inline Instant at(WallTime wall, TimeTrust trust = TimeTrust::synced) {
    return {wall, {}, {}, trust};
}

} // namespace ykt::test
