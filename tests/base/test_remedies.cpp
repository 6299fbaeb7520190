// What goes wrong with a card never looks like something else that goes wrong with it.
#include "base/reason.h"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using namespace ykt;

namespace {

// Service down, no reader, no card, card pulled, card mute, wrong card, not genuine, revoked, PIN wrong, PIN
// blocked, SAM missing, SAM locked, HSM unreachable; and those that lie next to them.
const std::vector<Reason> ofCards{
    Reason::service_gone,     Reason::reader_gone,     Reason::no_card,
    Reason::card_gone,        Reason::card_mute,       Reason::application_missing,
    Reason::card_not_genuine, Reason::revoked,         Reason::pin_wrong,
    Reason::pin_blocked,      Reason::sam_missing,     Reason::sam_locked,
    Reason::hsm_unreachable,  Reason::reader_silent,   Reason::reader_busy,
    Reason::several_cards,    Reason::card_changed,    Reason::application_locked,
    Reason::pin_needed,       Reason::medium_expired,  Reason::authentication_blocked,
    Reason::hsm_timeout,      Reason::sam_refused,     Reason::hsm_refused,
    Reason::debit_refused,    Reason::debit_unfinished};

std::size_t different(const std::vector<Reason>& reasons, std::string_view ReasonInfo::*text) {
    std::set<std::string_view> texts;
    for (const auto reason : reasons)
        texts.insert(describe(reason).*text);
    return texts.size();
}

} // namespace

TEST_CASE("no two troubles with a card are told in the same words") {
    CHECK(different(ofCards, &ReasonInfo::name) == ofCards.size());
    CHECK(different(ofCards, &ReasonInfo::meaning) == ofCards.size());
    CHECK(different(ofCards, &ReasonInfo::holderZh) == ofCards.size());
    CHECK(different(ofCards, &ReasonInfo::holderEn) == ofCards.size());
}

TEST_CASE("each of the thirteen troubles with a card has a remedy of its own") {
    const std::vector thirteen(ofCards.begin(), ofCards.begin() + 13);
    CHECK(different(thirteen, &ReasonInfo::remedy) == thirteen.size());
}

TEST_CASE("no two reasons mean the same, and each has a remedy") {
    std::set<std::string_view> meanings;
    for (const auto& info : allReasons()) {
        INFO(info.name);
        CHECK(meanings.insert(info.meaning).second);
        CHECK_FALSE(info.remedy.empty());
        CHECK_FALSE(info.holderZh.empty());
        CHECK_FALSE(info.holderEn.empty());
    }
}

TEST_CASE("what is the terminal's fault is never told as the card's") {
    std::set<std::string_view> ofMedium;
    for (const auto& info : allReasons())
        if (info.origin == Origin::medium)
            ofMedium.insert(info.holderEn);
    for (const auto reason : ofCards)
        if (describe(reason).origin == Origin::terminal)
            CHECK(ofMedium.count(describe(reason).holderEn) == 0);
}
