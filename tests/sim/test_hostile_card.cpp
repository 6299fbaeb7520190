#include "card_terminal.h"
#include "sim/cards/hostile_card.h"
#include "sim/cards/legacy_card.h"

#include <catch2/catch.hpp>
#include <set>

using namespace ykt;
using sim::HostileCard;
using sim::HostileMode;
using sim::HostileSpec;

namespace {

// Answers without a random number in them, so that they can be compared.
std::shared_ptr<sim::CardSoftware> genuine() {
    static auto issuer = sim::CardIssuer::create().value();
    return issuer.personalise(test::simulatedPerson()).value();
}

const std::vector<std::string> session{test::selectSocialSecurity, "00B2012C12", "00B2072C0B", "00B2032C06",
                                       "00C0000010"};

std::vector<std::optional<Bytes>> answersOf(sim::CardSoftware& card) {
    std::vector<std::optional<Bytes>> out;
    card.reset();
    for (const auto& command : session)
        out.push_back(card.answer(fromHex(command).value()));
    return out;
}

std::optional<Bytes> firstAnswer(HostileMode mode, std::uint64_t seed) {
    HostileCard card({mode, seed, 0, genuine()});
    card.reset();
    return card.answer(fromHex(test::selectSocialSecurity).value());
}

} // namespace

TEST_CASE("A hostile card does the same after every reset, and another thing by another seed") {
    for (const auto mode : sim::promptHostileModes) {
        INFO(sim::nameOf(mode));
        const auto card = genuine();
        HostileCard hostile({mode, 7, 0, card, std::make_shared<sim::LegacyCard>(Bytes(4))});
        const auto first = answersOf(hostile);
        CHECK(answersOf(hostile) == first);
        CHECK(hostile.atr() == card->atr());
    }
    std::set<std::optional<Bytes>> different;
    for (std::uint64_t seed = 0; seed < 20; ++seed)
        different.insert(firstAnswer(HostileMode::random_answers, seed));
    CHECK(different.size() > 15);
}

TEST_CASE("A hostile card is genuine until its moment") {
    const auto card = genuine();
    const auto truth = answersOf(*card);
    for (const auto mode : sim::promptHostileModes) {
        INFO(sim::nameOf(mode));
        HostileCard hostile({mode, 3, 2, card, std::make_shared<sim::LegacyCard>(Bytes(4))});
        const auto answers = answersOf(hostile);
        CHECK(answers[0] == truth[0]);
        CHECK(answers[1] == truth[1]);
        CHECK(answers[2] != truth[2]);
        CHECK((answers[3] == truth[3]) == (mode == HostileMode::mutated));
    }
}

TEST_CASE("Each mode does what its name says") {
    CHECK(firstAnswer(HostileMode::oversized, 1)->size() == 65535);
    CHECK(toHex(*firstAnswer(HostileMode::endless_more, 1)) == "6110");
    CHECK(firstAnswer(HostileMode::endless_correction, 1)->front() == 0x6C);
    CHECK_FALSE(firstAnswer(HostileMode::mute, 1));
    const auto truth = *answersOf(*genuine()).front();
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        const auto longer = *firstAnswer(HostileMode::wrong_length, seed);
        CHECK(longer.size() != truth.size());
        CHECK(toHex(longer).ends_with("9000"));
        const auto mutated = *firstAnswer(HostileMode::mutated, seed);
        CHECK(mutated.size() == truth.size());
        CHECK(mutated != truth);
        CHECK(toHex(*firstAnswer(HostileMode::evil_tlv, seed)).ends_with("9000"));
        CHECK(firstAnswer(HostileMode::truncated_tlv, seed)->size() < truth.size());
    }
}

TEST_CASE("A hostile card without a genuine one knows no application") {
    HostileCard card({HostileMode::mute, 0, 2, nullptr});
    CHECK(toHex(card.atr()).starts_with("3b8d8001"));
    CHECK(toHex(*card.answer(fromHex(session[0]).value())) == "6a82");
    CHECK(toHex(*card.answer(fromHex(session[1]).value())) == "6a82");
    CHECK_FALSE(card.answer(fromHex(session[2]).value()));
}

TEST_CASE("A card that forges proofs says eight bytes for one, and the truth otherwise") {
    const auto card = genuine();
    const auto truth = answersOf(*card).front();
    HostileCard forger({HostileMode::forged_proof, 5, 0, card});
    forger.reset();
    CHECK(forger.answer(fromHex(test::selectSocialSecurity).value()) == truth);
    const auto proof = *forger.answer(fromHex("805a00060200010a").value());
    CHECK(proof.size() == 10);
    CHECK(toHex(proof).ends_with("9000"));
}

TEST_CASE("A slow card answers the truth, not before its delay") {
    const auto card = genuine();
    const auto truth = answersOf(*card).front();
    HostileCard slow({HostileMode::slow, 0, 0, card, nullptr, Milliseconds{30}});
    slow.reset();
    const auto begun = std::chrono::steady_clock::now();
    CHECK(slow.answer(fromHex(test::selectSocialSecurity).value()) == truth);
    CHECK(std::chrono::steady_clock::now() - begun >= Milliseconds{30});
}
