#include "base/hex.h"
#include "firmware/identity/identify.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::firmware::identity;
using namespace std::chrono_literals;

namespace {

const WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 4h; // 12:00 in Yinchuan

PseudonymKey testKey(std::uint8_t fill = 7) {
    return Secret{Bytes(32, fill)};
}

apdu::transit::PurseEvidence purse() {
    apdu::transit::PurseEvidence evidence;
    const auto serial = *fromHex("03106401000000000017");
    std::copy(serial.begin(), serial.end(), evidence.card.serial.begin());
    evidence.card.start = std::chrono::year{2024} / 1 / 1;
    evidence.card.expires = std::chrono::year{2026} / 11 / 24;
    evidence.management = {0x6401, true, 0x02};
    return evidence;
}

} // namespace

TEST_CASE("a purse is known by its twenty-digit serial and authenticated by the debit that follows") {
    const auto identity = identify(purse(), testKey(), noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::transit_purse);
    CHECK(nameOf(identity->medium) == "transit_purse");
    CHECK(identity->assurance == Assurance::authenticated);
    CHECK(identity->mediumId.reveal() == "03106401000000000017");
    CHECK(identity->region == "640100");
    CHECK(identity->holderClass == HolderClass::student);
    CHECK_FALSE(identity->name);
    CHECK_FALSE(identity->socialSecurityNumber);
    CHECK_FALSE(identity->singleUse);
}

TEST_CASE("a purse's pseudonym depends on serial and key, and is no other medium's") {
    const auto subject = identify(purse(), testKey(), noon)->subject;
    CHECK(identify(purse(), testKey(), noon)->subject == subject);
    CHECK(identify(purse(), testKey(8), noon)->subject != subject);
    auto other = purse();
    other.card.serial[9] = 0x18;
    CHECK(identify(other, testKey(), noon)->subject != subject);

    qr::TransitCode code;
    code.cardAccount = PersonalData<std::string>{"03106401000000000017"};
    code.generated = noon - 10s;
    code.validity = 600s;
    code.authorisedUntil = noon + 24h;
    CHECK(identify(code, asBytes("code"), testKey(), noon)->subject != subject);
}

TEST_CASE("a purse that is not interoperable is not accepted") {
    auto evidence = purse();
    evidence.management.interoperable = false;
    CHECK(identify(evidence, testKey(), noon).error() == Reason::purse_not_accepted);
}

TEST_CASE("a purse is valid from its first through its last day in China") {
    const WallTime end = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 16h;
    const WallTime begin = std::chrono::sys_days{std::chrono::year{2023} / 12 / 31} + 16h;
    CHECK(identify(purse(), testKey(), end - 1ms));
    CHECK(identify(purse(), testKey(), end).error() == Reason::medium_expired);
    CHECK(identify(purse(), testKey(), begin));
    CHECK(identify(purse(), testKey(), begin - 1ms).error() == Reason::medium_expired);

    auto endless = purse();
    endless.card.start.reset();
    endless.card.expires.reset();
    CHECK(identify(endless, testKey(), end));
    endless.card.expires = std::chrono::year{2026} / 2 / 30;
    CHECK(identify(endless, testKey(), noon).error() == Reason::card_data_malformed);
}

TEST_CASE("a purse's kind tells the holder's class, and its city the region") {
    for (const auto& [kind, expected] : {std::pair{0x01, HolderClass::adult},
                                         {0x02, HolderClass::student},
                                         {0x03, HolderClass::senior},
                                         {0x04, HolderClass::unknown},
                                         {0x05, HolderClass::unknown},
                                         {0x00, HolderClass::unknown},
                                         {0xFF, HolderClass::unknown}}) {
        auto evidence = purse();
        evidence.management.cardType = static_cast<std::uint8_t>(kind);
        CHECK(identify(evidence, testKey(), noon)->holderClass == expected);
    }
    for (const auto& [city, expected] :
         {std::pair{0x6405, "640500"}, {0x0100, "010000"}, {0x0000, ""}, {0x64A1, ""}, {0xFFFF, ""}}) {
        auto evidence = purse();
        evidence.management.city = static_cast<std::uint16_t>(city);
        CHECK(identify(evidence, testKey(), noon)->region == expected);
    }
}
