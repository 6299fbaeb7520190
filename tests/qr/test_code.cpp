#include "qr/code.h"
#include "qr/explain.h"
#include "sim/codes/code_issuer.h"
#include "tests/noise.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

using namespace ykt;
using namespace std::chrono_literals;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600); // 2026-01-01

std::string field(const qr::Explanation& explanation, std::string_view name) {
    const auto found =
        std::ranges::find(explanation.fields, name, &std::pair<std::string, std::string>::first);
    return found == explanation.fields.end() ? "(missing)" : found->second;
}

} // namespace

TEST_CASE("each format claims its own payloads and no other") {
    const auto issuer = *sim::CodeIssuer::create();
    CHECK(qr::recognise(*issuer.transitCode({}, generated)).format == qr::CodeFormat::transit_code);
    CHECK(qr::recognise(*issuer.fusionCode({}, generated)).format == qr::CodeFormat::fusion_code);
    CHECK(qr::recognise(toBytes("640100D156000005A0000000001")).format ==
          qr::CodeFormat::electronic_card_code);
    CHECK(qr::recognise(toBytes("NXF1A0000000000000000000001")).format ==
          qr::CodeFormat::electronic_card_code);
    CHECK_FALSE(qr::recognise({}).format);
    CHECK_FALSE(qr::recognise(toBytes("https://example.invalid/pay?id=1")).format);
    CHECK_FALSE(qr::recognise(toBytes("too short")).format);
    CHECK_FALSE(qr::recognise(toBytes("has a space in the middle")).format);
    CHECK_FALSE(qr::recognise(Bytes(300, 'a')).format);
    CHECK_FALSE(qr::recognise(Bytes{0x02, 0x01, 0x00}).format);
}

TEST_CASE("random payloads are refused with a code reason and never accepted") {
    std::mt19937_64 random(20'261'124);
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    const std::array valid{*issuer.transitCode({}, generated), *issuer.fusionCode({}, generated)};
    for (int i = 0; i < 5000; ++i) {
        auto payload = test::noise(random, random() % 420);
        if (i % 2 == 0) { // a valid head with a random rest reaches deeper
            const auto& model = valid.at(static_cast<std::size_t>(i / 2 % 2));
            payload.resize(model.size());
            const auto head = random() % model.size();
            std::copy_n(model.begin(), head, payload.begin());
            if (payload[head] == model[head]) // else a rest of one byte is the valid code once in 256
                payload[head] ^= 1;
        }
        const auto evidence = verifier.verify(payload, generated, 0);
        INFO("payload " << i);
        if (evidence) {
            CHECK(std::holds_alternative<qr::OnlineCode>(*evidence)); // presented, not proved
            CHECK(std::ranges::all_of(payload, [](std::uint8_t c) { return c > 0x20 && c < 0x7F; }));
        } else {
            CHECK(describe(evidence.error().reason).layer == Layer::code);
        }
    }
}

TEST_CASE("a verifier gives the evidence of each format") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    const auto transit = verifier.verify(*issuer.transitCode({}, generated), generated, 200);
    REQUIRE(transit);
    CHECK(std::holds_alternative<qr::TransitCode>(*transit));
    const auto fusion = verifier.verify(*issuer.fusionCode({}, generated), generated, 200);
    REQUIRE(fusion);
    CHECK(std::holds_alternative<qr::FusionCode>(*fusion));
    const auto token = verifier.verify(toBytes("640100D156000005A0000000001"), generated, 200);
    REQUIRE(token);
    CHECK(toText(std::get<qr::OnlineCode>(*token).token.reveal()) == "640100D156000005A0000000001");
    CHECK(verifier.verify(Bytes{1, 2, 3}, generated, 200).error() == Reason::format_unknown);
}

TEST_CASE(
    "an explanation names format and verdict, keeps its fields when the code fails, and masks accounts") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    sim::TransitCodeSpec spec;
    spec.cardAccount = "09999000000000001234";
    const auto payload = *issuer.transitCode(spec, generated);
    const auto accepted = qr::explainCode(payload, verifier, generated, 200);
    CHECK(accepted.format == "transit_code");
    CHECK(accepted.verdict == "accept");
    CHECK(field(accepted, "card_account") == "****************1234");
    CHECK(field(accepted, "payment_account") == "************0001");
    CHECK(field(accepted, "generated") == "2026-01-01T00:00:00.000Z");
    CHECK(field(accepted, "certificate_expiry") == "2099-12");
    CHECK(field(accepted, "trip_limit_fen") == "1000");

    const auto late = qr::explainCode(payload, verifier, generated + 301s, 200);
    CHECK(late.verdict == "code_expired");
    CHECK(late.fields == accepted.fields);
    const auto forged = qr::explainCode(sim::tampered(payload, payload.size() - 1), verifier, generated, 200);
    CHECK(forged.verdict == "bad_user_signature");
    CHECK(forged.fields == accepted.fields);
}

TEST_CASE("explanations of the other formats") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    const auto fusion = qr::explainCode(*issuer.fusionCode({}, generated), verifier, generated, 0);
    CHECK(fusion.format == "fusion_code");
    CHECK(fusion.verdict == "accept");
    CHECK(field(fusion, "region_code") == "640100");
    CHECK(field(fusion, "sealed_holder_reference").size() == 32);

    const auto token = qr::explainCode(toBytes("640100D156000005A0000000001"), verifier, generated, 0);
    CHECK(token.format == "electronic_card_code");
    CHECK(token.verdict == "online_only");
    for (const auto& [name, value] : token.fields)
        CHECK(value.find("D156") == std::string::npos);

    const auto unknown = qr::explainCode(Bytes{1, 2, 3}, verifier, generated, 0);
    CHECK(unknown.format == "unknown");
    CHECK(unknown.verdict == "format_unknown");
    CHECK(unknown.fields.empty());
    const auto broken = qr::explainCode(Bytes{0x81, 0, 0}, verifier, generated, 0);
    CHECK(broken.format == "transit_code");
    CHECK(broken.verdict == "malformed");
    CHECK(broken.fields.empty());
}
