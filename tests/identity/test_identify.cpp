#include "base/hex.h"
#include "firmware/identity/id_number.h"
#include "firmware/identity/identify.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::firmware::identity;
using namespace std::chrono_literals;
using apdu::social_security::CardEvidence;
using apdu::social_security::HolderData;

namespace {

const WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 4h; // 12:00 in Yinchuan

PseudonymKey testKey(std::uint8_t fill = 7) {
    return Secret{Bytes(32, fill)};
}

HolderData holder(const std::string& number) {
    return {PersonalData<std::string>{number}, PersonalData<std::string>{"张三"}};
}

CardEvidence card() {
    CardEvidence evidence;
    evidence.issuer.cardIdentifier = *fromHex("640100d1560000050000000100000001");
    evidence.issuer.cityCode = "640100";
    evidence.issuer.cardClass = '4';
    evidence.issuer.issued = std::chrono::year{2020} / 1 / 1;
    evidence.issuer.expires = std::chrono::year{2030} / 1 / 1;
    evidence.cardAuthenticated = true;
    evidence.holder = holder("11010519491231002X");
    return evidence;
}

qr::TransitCode transitCode() {
    qr::TransitCode code;
    code.cardAccount = PersonalData<std::string>{"31064000000000000017"};
    code.tripLimitFen = 500;
    code.generated = noon - 10s;
    code.validity = 600s;
    code.authorisedUntil = noon + 24h;
    return code;
}

const qr::HolderReference reference{0xAB, 0xCD};

qr::FusionCode fusionCode() {
    qr::FusionCode code;
    code.userPoint = Bytes(33, 0x02);
    code.regionCode = "640300";
    code.holderClass = '2';
    code.generated = noon - 10s;
    code.validity = 60s;
    code.authorisedUntil = noon + 24h;
    code.sealedHolder =
        *qr::sealHolderReference(testKey(), reference, {code.userPoint, code.authorisedUntil});
    return code;
}

const Bytes payload = toBytes("the code as it was scanned");

} // namespace

TEST_CASE("a genuine card gives an authenticated identity with all that it holds") {
    const auto identity = identify(card(), testKey(), noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::social_security_card);
    CHECK(identity->assurance == Assurance::authenticated);
    CHECK(identity->mediumId.reveal() == "640100d1560000050000000100000001");
    CHECK(identity->region == "640100");
    CHECK(identity->holderClass == HolderClass::senior);
    CHECK(identity->name->reveal() == "张三");
    CHECK(identity->socialSecurityNumber->reveal() == "11010519491231002X");
    CHECK_FALSE(identity->singleUse);
    CHECK_FALSE(identity->tripLimitFen);
}

TEST_CASE("a card that nobody authenticated is only read") {
    auto evidence = card();
    evidence.cardAuthenticated = false;
    evidence.terminalAuthenticated = true; // says something about the terminal, nothing about the card
    CHECK(identify(evidence, testKey(), noon)->assurance == Assurance::read);
}

TEST_CASE("the pseudonym follows the holder, not the card, and depends on the key") {
    auto replaced = card();
    replaced.issuer.cardIdentifier.back() = 2;
    const auto first = identify(card(), testKey(), noon)->subject;
    CHECK(identify(replaced, testKey(), noon)->subject == first);
    CHECK(identify(card(), testKey(8), noon)->subject != first);

    auto other = card();
    other.holder = holder("440524188001010014");
    CHECK(identify(other, testKey(), noon)->subject != first);

    auto lowerCase = card();
    lowerCase.holder = holder("11010519491231002x");
    CHECK(identify(lowerCase, testKey(), noon)->subject == first);
}

TEST_CASE("the pseudonym is HMAC-SM3 of the social security number, as other programs compute it") {
    // printf 11010519491231002X | openssl dgst -sm3 -mac HMAC -macopt hexkey:0707...07 (32 bytes), first 16
    // bytes
    CHECK(toHex(identify(card(), testKey(), noon)->subject) == "4ef0e661d2646338b0cccae25a2eafb9");
}

TEST_CASE("a card whose EF06 was not read has a pseudonym of its own") {
    auto evidence = card();
    evidence.holder.reset();
    const auto identity = identify(evidence, testKey(), noon);
    REQUIRE(identity);
    CHECK_FALSE(identity->name);
    CHECK_FALSE(identity->socialSecurityNumber);
    CHECK(identity->subject != identify(card(), testKey(), noon)->subject);
    auto second = evidence;
    second.issuer.cardIdentifier.back() = 2;
    CHECK(identify(second, testKey(), noon)->subject != identity->subject);
}

TEST_CASE("a card is valid from the start of its first to the end of its last day in China") {
    const auto evidence = card();
    const WallTime firstMoment = std::chrono::sys_days{std::chrono::year{2019} / 12 / 31} + 16h;
    const WallTime tooLate = std::chrono::sys_days{std::chrono::year{2030} / 1 / 1} + 16h;
    CHECK(identify(evidence, testKey(), firstMoment));
    CHECK(identify(evidence, testKey(), firstMoment - 1ms).error() == Reason::medium_expired);
    CHECK(identify(evidence, testKey(), tooLate - 1ms));
    CHECK(identify(evidence, testKey(), tooLate).error() == Reason::medium_expired);
}

TEST_CASE("a card without dates does not expire, and one with impossible dates is malformed") {
    auto evidence = card();
    evidence.issuer.issued.reset();
    evidence.issuer.expires.reset();
    CHECK(identify(evidence, testKey(), noon));
    evidence.issuer.expires = std::chrono::year{2030} / 2 / 30;
    CHECK(identify(evidence, testKey(), noon).error() == Reason::card_data_malformed);
}

TEST_CASE("the social security number's form is checked, its check character is not") {
    auto evidence = card();
    evidence.holder = holder("110105194912310020");
    CHECK(identify(evidence, testKey(), noon));
    evidence.holder = holder("11010519491231002");
    const auto refused = identify(evidence, testKey(), noon);
    CHECK(refused.error() == Reason::id_number_malformed);
    CHECK(refused.error().context.find("110105") == std::string::npos);
}

TEST_CASE("a transit code gives an identity for one ride") {
    const auto identity = identify(transitCode(), payload, testKey(), noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::transit_code);
    CHECK(identity->assurance == Assurance::authenticated);
    CHECK(identity->mediumId.reveal() == "31064000000000000017");
    CHECK(identity->region.empty());
    CHECK(identity->holderClass == HolderClass::unknown);
    CHECK(identity->tripLimitFen == 500U);
    REQUIRE(identity->singleUse);
    CHECK(identity->singleUse->until >= *identity->validUntil);
}

TEST_CASE("a code is valid through its last second and not beyond its authorisation") {
    auto code = transitCode();
    const auto lastSecond = code.generated + code.validity;
    CHECK(identify(code, payload, testKey(), lastSecond));
    CHECK(identify(code, payload, testKey(), lastSecond + 1s).error() == Reason::medium_expired);
    code.authorisedUntil = noon + 5s;
    CHECK(identify(code, payload, testKey(), noon + 5s).error() == Reason::medium_expired);
    CHECK(identify(fusionCode(), payload, testKey(), true, noon + 51s).error() == Reason::medium_expired);
}

TEST_CASE("the single-use key tells codes apart and knows the same one again") {
    const auto key = [](ByteView bytes) {
        return identify(transitCode(), bytes, testKey(), noon)->singleUse->key;
    };
    auto other = payload;
    other.back() ^= 1;
    CHECK(key(payload) == key(payload));
    CHECK(key(payload) != key(other));
}

TEST_CASE("a fusion code gives region and class, and the holder's pseudonym where the service opens it") {
    const auto identity = identify(fusionCode(), payload, testKey(), true, noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::fusion_code);
    CHECK(identity->assurance == Assurance::authenticated);
    CHECK_FALSE(identity->emergency);
    CHECK(identity->subject == reference);
    CHECK(identity->mediumId.reveal() == "abcd0000000000000000000000000000");
    CHECK(identity->region == "640300");
    CHECK(identity->holderClass == HolderClass::student);
    CHECK(identity->singleUse);
    auto untold = fusionCode();
    untold.holderClass = 0;
    CHECK(identify(untold, payload, testKey(), true, noon)->holderClass == HolderClass::unknown);
}

TEST_CASE("where the service does not open a fusion code, nothing of it names the holder") {
    const auto code = fusionCode();
    const auto identity = identify(code, payload, testKey(), false, noon);
    REQUIRE(identity);
    CHECK(identity->subject != reference);
    CHECK(identity->subject != code.sealedHolder);
    CHECK(identity->mediumId.reveal() == toHex(code.sealedHolder));
    CHECK(identity->subject == identify(code, toBytes("another code"), testKey(), false, noon)->subject);

    auto renewed = code;
    renewed.authorisedUntil += 24h;
    renewed.sealedHolder =
        *qr::sealHolderReference(testKey(), reference, {renewed.userPoint, renewed.authorisedUntil});
    CHECK(identify(renewed, payload, testKey(), false, noon)->subject != identity->subject);
    CHECK(identify(renewed, payload, testKey(), true, noon)->subject == reference);
}

TEST_CASE("an emergency code is only read, and all of one authorisation are one use until it ends") {
    auto code = fusionCode();
    code.form = qr::FusionForm::emergency;
    const auto first = identify(code, payload, testKey(), false, noon);
    REQUIRE(first);
    CHECK(first->emergency);
    CHECK(first->assurance == Assurance::read);
    CHECK(first->singleUse->until > code.authorisedUntil);

    code.generated = noon; // made anew by the same phone
    const auto second = identify(code, toBytes("another code"), testKey(), true, noon);
    CHECK(second->singleUse->key == first->singleUse->key);

    auto renewed = code;
    renewed.authorisedUntil += 1h;
    CHECK(identify(renewed, payload, testKey(), false, noon)->singleUse->key != first->singleUse->key);
    auto ordinary = code;
    ordinary.form = qr::FusionForm::offline;
    CHECK(identify(ordinary, payload, testKey(), false, noon)->singleUse->key != first->singleUse->key);
}

qr::OnlineCode onlineCode(qr::CodeFormat format = qr::CodeFormat::electronic_card_code) {
    return {format, Secret{toBytes("6401ABCDEF0123456789")}};
}

TEST_CASE("a code for the online verifier is presented and nothing more") {
    const qr::CodeEvidence evidence = onlineCode();
    const auto identity = identify(evidence, payload, testKey(), true, noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::electronic_card_code);
    CHECK(identity->assurance == Assurance::presented);
    CHECK(identity->region.empty());
    CHECK(identity->mediumId.reveal().find("6401ABCDEF") == std::string::npos);
    REQUIRE(identity->singleUse);
    CHECK(identity->singleUse->until >= noon + 24h);
    CHECK(identify(onlineCode(qr::CodeFormat::fusion_code), testKey(), noon).medium == Medium::fusion_code);
}

TEST_CASE("a code that the online verifier vouches for has its card number's pseudonym") {
    const OnlineAnswer answer{PersonalData<std::string>{"D64000000000000000000000000000E1"}, "1", "640100"};
    const auto identity = identify(onlineCode(), answer, testKey(), noon);
    CHECK(identity.medium == Medium::electronic_card_code);
    CHECK(identity.assurance == Assurance::authenticated);
    CHECK(identity.mediumId.reveal() == answer.cardNumber.reveal());
    CHECK(identity.region == "640100");

    const auto unanswered = identify(onlineCode(), testKey(), noon);
    CHECK(identity.subject != unanswered.subject);
    CHECK(identity.singleUse->key == unanswered.singleUse->key); // deferred or answered: one use
    const qr::OnlineCode renewed{qr::CodeFormat::electronic_card_code,
                                 Secret{toBytes("6401ABCDEF0123456780")}};
    CHECK(identify(renewed, answer, testKey(), noon).subject == identity.subject);
    CHECK(identify(renewed, answer, testKey(), noon).singleUse->key != identity.singleUse->key);
}

TEST_CASE("names of media, assurance and holder classes read back") {
    for (int i = 0; i < 5; ++i) {
        CHECK(mediumFromName(nameOf(static_cast<Medium>(i))) == static_cast<Medium>(i));
        CHECK(holderClassFromName(nameOf(static_cast<HolderClass>(i))) == static_cast<HolderClass>(i));
    }
    for (int i = 0; i < 4; ++i)
        CHECK(assuranceFromName(nameOf(static_cast<Assurance>(i))) == static_cast<Assurance>(i));
    CHECK_FALSE(mediumFromName("SOCIAL_SECURITY_CARD"));
    CHECK_FALSE(assuranceFromName(""));
    CHECK(Assurance::presented < Assurance::read);
    CHECK(Assurance::authenticated < Assurance::authenticated_with_pin);
}

TEST_CASE("a card of an abolished prefecture and a holder from abroad are taken as they are") {
    auto evidence = card();
    evidence.issuer.cardIdentifier = *fromHex("642126d1560000050000000100000001");
    evidence.issuer.cityCode = "642126"; // Yinnan prefecture, gone since 1998
    for (const auto* number : {"642126196001010011", "CAN12345678901234X", "110105194912310021"}) {
        evidence.holder = holder(number); // another's, a foreigner's, and one whose check character is wrong
        const auto identity = identify(evidence, testKey(), noon);
        INFO(number);
        REQUIRE(identity);
        CHECK(identity->region == "642126");
        CHECK(identity->socialSecurityNumber->reveal() == number);
    }
    CHECK(isNingxiaArea("642126"));
}
