// Codes that are not of this programme: named, refused, and never told.
#include "qr/code.h"
#include "qr/foreign_codes.h"
#include "sim/codes/code_issuer.h"

#include <catch2/catch.hpp>

using namespace ykt;

namespace {

struct Foreign {
    Bytes payload;
    std::string_view name;
};

std::vector<Foreign> foreign() {
    Bytes early(226, 0x33);
    early[3] = 1;
    return {{toBytes("https://example.invalid/pay?id=0123456789"), "web address"},
            {toBytes("HTTPS:example.invalid/0123456789"), "web address"},
            {toBytes("alipays://platformapi/startapp?x=1"), "web address"},
            {toBytes("www.example.invalid/abcdef"), "web address"},
            {toBytes("WIFI:S:lobby;T:WPA;P:secretsecret;;"), "Wi-Fi network"},
            {toBytes("BEGIN:VCARD\r\nVERSION:3.0\r\nN:A\r\nEND:VCARD"), "contact"},
            {toBytes("MECARD:N:A;TEL:0951000000;;"), "contact"},
            {toBytes("tel:+869510000000000"), "telephone number"},
            {toBytes("mailto:a@example.invalid"), "mail address"},
            {toBytes("geo:38.4872,106.2309,16"), "place or date"},
            {toBytes("01,04,064001900111,00000001,10.00,20260101,0,"), "invoice"},
            {toBytes("134567890123456789"), "WeChat payment code"},
            {toBytes("281234567890123456"), "Alipay payment code"},
            {toBytes("281234567890123456789012"), "Alipay payment code"},
            {toBytes("6212345678901234567"), "UnionPay payment code"},
            {toBytes("0112345678901234567"), "e-CNY payment code"},
            {toBytes("00020101021226370016A000000000000000"), "EMV payment code"},
            {toBytes("hQVDUFYwMWEwTwegAAADMwEBAQ=="), "EMV payment code"},
            {toBytes("LPA:1$smdp.example.invalid$0123456789"), "network or wallet"},
            {toBytes("bitcoin:0123456789abcdef0123"), "network or wallet"},
            {Bytes{0x02, 0x01, 0x00, 0x10}, "Alipay transit code"},
            {Bytes{0x54, 0x01, 0x00, 0x10}, "city card code"},
            {Bytes{0x54, 0x02, 0x00, 0x10}, "city card code"},
            {Bytes{0x55, 0x01, 0x00, 0x10}, "unified issuing code"},
            {early, "transit code of before JT/T 1179"},
            {toBytes("宁夏回族自治区银川市"), "text"},
            {toBytes("Grüße aus Yinchuan"), "text"}};
}

} // namespace

TEST_CASE("a code of another programme is refused by its kind, and its content goes nowhere") {
    const qr::CodeVerifier verifier(sim::CodeIssuer::create()->anchors());
    for (const auto& each : foreign()) {
        INFO(each.name);
        const auto kind = qr::recognise(each.payload);
        CHECK_FALSE(kind.format);
        CHECK(kind.name == each.name);
        const auto refused = verifier.verify(each.payload, WallTime{}, 0);
        REQUIRE_FALSE(refused); // above all not an OnlineCode, which would be sent away
        CHECK(refused.error() == Reason::format_unknown);
        CHECK(refused.error().context == each.name);
    }
}

TEST_CASE("what merely resembles another programme's code is not taken for it") {
    for (const auto* token : {"640100D156000005A0000000001", // begins with digits
                              "6401001560000050000",         // digits of no payment number
                              "161234567890123456",          // 16: no wallet's
                              "13456789012345678",           // WeChat's are 18 digits
                              "28123456789012345A", "UVWXYZ0123456789", "T123456789012345",
                              "WIFI-0123456789abcdef", "telephone0123456789"}) {
        INFO(token);
        CHECK(qr::recognise(toBytes(token)).format == qr::CodeFormat::electronic_card_code);
    }
    CHECK(qr::foreignCode({}).empty());
    CHECK(qr::foreignCode(Bytes{0xE5}).empty());             // half a character
    CHECK(qr::foreignCode(Bytes{0xC0, 0x80}).empty());       // not UTF-8
    CHECK(qr::foreignCode(Bytes{0xE5, 0x00, 0x80}).empty()); // not UTF-8
    CHECK(qr::recognise({}).name == "unknown");
    CHECK(qr::recognise(Bytes{0x02}).name == "unknown");
    CHECK(qr::recognise(Bytes{0x81, 0x01}).format == qr::CodeFormat::transit_code);
}

TEST_CASE("a signed code that holds the mark of a web address by chance stays what it is") {
    const auto issuer = sim::CodeIssuer::create().value();
    sim::TransitCodeSpec spec;
    spec.custom = toBytes("://");
    const auto now = wallFromUnixSeconds(1'767'225'600);
    const auto code = issuer.transitCode(spec, now).value();
    CHECK(qr::CodeVerifier(issuer.anchors()).verify(code, now, 200));
}
