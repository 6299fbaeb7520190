#include "card_terminal.h"
#include "sim/cards/issuer_keys.h"

#include <catch2/catch.hpp>

using namespace ykt;
using apdu::social_security::Algorithm;
using apdu::social_security::Challenge;
using apdu::social_security::ProofRequest;
using crypto::BlockCipher;
using test::CardTerminal;

namespace {

Challenge challengeOf(const std::string& original, const std::string& processFactor) {
    Challenge out;
    std::ranges::copy(fromHex(original).value(), out.original.begin());
    std::ranges::copy(fromHex(processFactor).value(), out.processFactor.begin());
    return out;
}

// What a terminal knows of a card on its table, contactless.
ProofRequest requestFor(const CardTerminal& card, BlockCipher cipher) {
    ProofRequest request;
    request.cipher = cipher;
    request.cityCode = "640100";
    std::ranges::copy(fromHex(card.atr().substr(8, 26)).value(), request.historical.begin());
    request.cardIdentifier = Bytes(16);
    request.card = challengeOf("1112131415161718", "0102030405060708");
    return request;
}

} // namespace

TEST_CASE("The issuer's HSM knows what its cards answer, and lets a terminal in") {
    const auto cipher = GENERATE(BlockCipher::triple_des, BlockCipher::sm4);
    auto issuer = sim::CardIssuer::create().value();
    auto spec = test::simulatedPerson();
    spec.algorithm = cipher == BlockCipher::sm4 ? Algorithm::sm4 : Algorithm::triple_des;
    CardTerminal card(issuer.personalise(spec).value());
    card.send(test::selectSocialSecurity);
    auto request = requestFor(card, cipher);
    const auto original = card.send("0084000008").substr(0, 16);
    const auto processFactor = card.send("0084000008").substr(0, 16);
    request.terminal = challengeOf(original, processFactor);

    const auto proofs = issuer.prove(request).value();
    CHECK(card.send("00880000100102030405060708111213141516171808") == toHex(proofs.card) + "9000");
    REQUIRE(proofs.terminal);
    // an INTERNAL AUTHENTICATE came between, but no challenge
    CHECK(card.send("0082000A10" + toHex(*proofs.terminal) + original) == "9000");
    CHECK(card.send("00B2083014").starts_with("0812"));

    request.cityCode = "640200";
    CHECK(issuer.prove(request)->card != proofs.card);
    request.cityCode = "640100";
    CHECK(sim::CardIssuer::create()->prove(request)->card != proofs.card);
}

TEST_CASE("The HSM gives the terminal's proof only where it is asked for") {
    auto issuer = sim::CardIssuer::create().value();
    CardTerminal card(issuer.personalise(test::simulatedPerson()).value());
    auto request = requestFor(card, BlockCipher::sm4);
    CHECK_FALSE(issuer.prove(request)->terminal);
    request.cityCode = "64010";
    CHECK(issuer.prove(request).error() == Reason::input_malformed);
    request.cityCode = "64010x";
    CHECK(issuer.prove(request).error() == Reason::input_malformed);
}
