#include "base/hex.h"
#include "firmware/identity/trust_anchors.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ykt;
using firmware::identity::parseTrustAnchors;
using nlohmann::json;
using qr::CodeFormat;

namespace {

json entry() {
    return {{"format", "transit_code"},
            {"index", "FE"},
            {"public_key", toHex(crypto::Sm2PrivateKey::generate()->publicKey().compressed())}};
}

Result<qr::TrustAnchors> parsed(const std::vector<json>& entries) {
    return parseTrustAnchors(json{{"ca_keys", entries}}.dump());
}

} // namespace

TEST_CASE("keys of one index stand beside each other, each with its time") {
    auto leaving = entry();
    leaving["not_after"] = 1'798'761'600;
    auto coming = entry();
    coming["not_before"] = 1'796'083'200;
    const auto anchors = parsed({leaving, coming});
    REQUIRE(anchors);
    const auto keys = anchors->find(CodeFormat::transit_code, 0xFE);
    REQUIRE(keys.size() == 2);
    CHECK_FALSE(keys[0].notBefore);
    CHECK(*keys[0].notAfter == wallFromUnixSeconds(1'798'761'600));
    CHECK(*keys[1].notBefore == wallFromUnixSeconds(1'796'083'200));
    CHECK_FALSE(keys[1].notAfter);
    CHECK(anchors->find(CodeFormat::fusion_code, 0xFE).empty());
    CHECK(anchors->find(CodeFormat::transit_code, 0xFD).empty());
}

TEST_CASE("the same key listed again replaces its time, and without a format it holds for all") {
    auto first = entry();
    first.erase("format");
    auto again = first;
    again["not_after"] = 1'798'761'600;
    const auto anchors = parsed({first, again});
    REQUIRE(anchors);
    for (const auto format : {CodeFormat::transit_code, CodeFormat::fusion_code}) {
        const auto keys = anchors->find(format, 0xFE);
        REQUIRE(keys.size() == 1);
        CHECK(keys[0].notAfter);
    }
}

TEST_CASE("a CA key whose time makes no sense is refused with its place") {
    auto wrong = entry();
    wrong["not_before"] = 1'798'761'600;
    wrong["not_after"] = 1'798'761'600;
    const auto refused = parsed({entry(), wrong});
    CHECK(refused.error() == Reason::bulletin_malformed);
    CHECK(refused.error().context.find("ca_keys[1].not_after") != std::string::npos);
    for (const json& value : {json("2027-01-01"), json(-1), json(4'294'967'296), json(nullptr)}) {
        auto odd = entry();
        odd["not_after"] = value;
        CHECK(parsed({odd}).error() == Reason::bulletin_malformed);
    }
    auto unknown = entry();
    unknown["not_afetr"] = 1'798'761'600; // a slip must not make a key hold for good
    CHECK(parsed({unknown}).error() == Reason::bulletin_malformed);
    auto online = entry();
    online["format"] = "electronic_card_code";
    CHECK(parsed({online}).error() == Reason::bulletin_malformed);
}
