#include "base/hex.h"
#include "crypto/digest.h"
#include "firmware/identity/identify.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware::identity;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const WallTime noon = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 4h;
const Bytes uid = *fromHex("04A1B2C3D4E5F6");

PseudonymKey testKey(std::uint8_t fill = 7) {
    return Secret{Bytes(32, fill)};
}

json cardJson(const LegacyDigest& digest) {
    return {{"uid", toHex(digest)},
            {"holder", std::string(32, 'a')},
            {"class", "senior"},
            {"region", "640100"},
            {"not_after", "2027-12-31"}};
}

std::string mapJson(const std::vector<json>& cards) {
    return json{{"cards", cards}}.dump();
}

std::string refusal(const std::string& body) {
    const auto map = LegacyMap::parse(body);
    REQUIRE_FALSE(map);
    CHECK(map.error() == Reason::bulletin_malformed);
    return map.error().context;
}

} // namespace

TEST_CASE("a mapped card is its holder, presented and not proved") {
    const auto map = LegacyMap::parse(mapJson({cardJson(legacyDigest(testKey(), uid))}));
    REQUIRE(map);
    const auto holder = map->find(legacyDigest(testKey(), uid));
    REQUIRE(holder);
    const auto identity = identify(*holder, noon);
    REQUIRE(identity);
    CHECK(identity->medium == Medium::legacy_card);
    CHECK(identity->assurance == Assurance::presented);
    CHECK(toHex(identity->subject) == std::string(32, 'a'));
    CHECK(identity->mediumId.reveal() == toHex(legacyDigest(testKey(), uid)));
    CHECK(identity->region == "640100");
    CHECK(identity->holderClass == HolderClass::senior);
}

TEST_CASE("the digest of a number is keyed: HMAC-SM3 over 'legacy:' and the UID, cut to 16 bytes") {
    const auto whole = crypto::hmacSm3(testKey(), concat({asBytes("legacy:"), uid}));
    CHECK(toHex(legacyDigest(testKey(), uid)) == toHex(whole).substr(0, 32));
    CHECK(legacyDigest(testKey(8), uid) != legacyDigest(testKey(), uid));
    CHECK(legacyDigest(testKey(), *fromHex("04A1B2C3")) != legacyDigest(testKey(), uid));
}

TEST_CASE("a card that is not on the map is not registered") {
    CHECK(LegacyMap::parse(mapJson({}))->find(legacyDigest(testKey(), uid)).error() ==
          Reason::not_registered);
    std::vector<json> cards;
    for (std::uint8_t number = 0; number < 200; number += 2)
        cards.push_back(cardJson(legacyDigest(testKey(), Bytes{4, number, 0, 0})));
    const auto map = LegacyMap::parse(mapJson(cards));
    REQUIRE(map);
    CHECK(map->size() == 100);
    for (std::uint8_t number = 0; number < 200; ++number) {
        const auto found = map->find(legacyDigest(testKey(), Bytes{4, number, 0, 0}));
        CHECK(found.has_value() == (number % 2 == 0));
    }
}

TEST_CASE("a mapped card is taken through its last day in China") {
    const auto map = LegacyMap::parse(mapJson({cardJson(legacyDigest(testKey(), uid))}));
    const auto holder = *map->find(legacyDigest(testKey(), uid));
    const WallTime end = std::chrono::sys_days{std::chrono::year{2027} / 12 / 31} + 16h;
    CHECK(identify(holder, end - 1ms));
    CHECK(identify(holder, end).error() == Reason::medium_expired);
}

TEST_CASE("a map that is not of its form is refused as a whole, with the path") {
    const auto good = cardJson(legacyDigest(testKey(), uid));
    CHECK(refusal("[]") == "legacy_map: body: not an object");
    CHECK(refusal("{") == "legacy_map: not JSON");
    CHECK(refusal("{}") == "legacy_map: cards: missing");
    CHECK(refusal(R"({"cards":{}})") == "legacy_map: cards: not a list");
    CHECK(refusal(R"({"cards":[],"more":1})") == "legacy_map: more: unknown member");
    CHECK(refusal(mapJson({good, good})) == "legacy_map: cards: a uid is listed twice");
    for (const auto* member : {"uid", "holder", "class", "region", "not_after"}) {
        auto card = good;
        card.erase(member);
        CHECK(refusal(mapJson({good, card})) == "legacy_map: cards[1]." + std::string(member) + ": missing");
        for (const auto& bad : {json(""), json("64010"), json(std::string(31, 'a')), json("2027-13-01")}) {
            card[member] = bad;
            CHECK(refusal(mapJson({card})) ==
                  "legacy_map: cards[0]." + std::string(member) + ": unknown name");
        }
        card[member] = 7;
        CHECK(refusal(mapJson({card})) == "legacy_map: cards[0]." + std::string(member) + ": not a text");
    }
    for (const auto* day :
         {"2027-02-29", "2027-1-001", "20271231", "2027-12-3x", "+027-12-31", "2027/12/31"}) {
        auto card = good;
        card["not_after"] = day;
        CHECK(refusal(mapJson({card})) == "legacy_map: cards[0].not_after: unknown name");
    }
    auto card = good;
    card["name"] = "a";
    CHECK(refusal(mapJson({card})) == "legacy_map: cards[0].name: unknown member");
}
