#include "base/hex.h"
#include "qr/transit_code.h"
#include "sim/codes/code_issuer.h"
#include "tests/source_dir.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

using namespace ykt;
using namespace std::chrono_literals;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600); // 2026-01-01

std::string verdict(ByteView payload, const qr::TrustAnchors& anchors, WallTime now,
                    std::uint32_t fareFen = 200) {
    const auto code = qr::verifyTransitCode(payload, qr::ChainVerifier(anchors), now, fareFen);
    return code ? "accept" : std::string{nameOf(code.error().reason)};
}

const std::set<std::string> refusals{
    "malformed",          "bad_certificate",       "certificate_expired", "bad_issuer_signature",
    "bad_user_signature", "authorisation_expired", "code_expired",        "code_from_the_future"};

} // namespace

TEST_CASE("every transit code vector gets exactly its verdict") {
    std::ifstream file(test::sourceDir() / "tests/vectors/transit-code.json");
    const auto vectors = nlohmann::json::parse(file);
    const auto key = crypto::Sm2PublicKey::fromPoint(*fromHex(vectors["ca_public_key"].get<std::string>()));
    REQUIRE(key);
    qr::TrustAnchors anchors;
    anchors.add(qr::CodeFormat::transit_code, fromHex(vectors["ca_index"].get<std::string>())->front(),
                {*key, {}, {}});
    REQUIRE(vectors["cases"].size() >= 20);
    for (const auto& each : vectors["cases"]) {
        INFO(each["name"].get<std::string>());
        const auto code = fromHex(each["code"].get<std::string>());
        REQUIRE(code);
        const auto expected = each["expect"].get<std::string>();
        const auto clock = wallFromUnixSeconds(each["clock"].get<std::int64_t>());
        CHECK(verdict(*code, anchors, clock, each["fare_fen"].get<std::uint32_t>()) == expected);
        CHECK((expected == "accept" || reasonFromName(expected).has_value()));
    }
}

TEST_CASE("a transit code gives back what its issuer wrote") {
    const auto issuer = *sim::CodeIssuer::create();
    sim::TransitCodeSpec spec;
    spec.custom = {1, 2, 3};
    const auto payload = *issuer.transitCode(spec, generated);
    REQUIRE(payload.size() == 335);
    const auto code =
        qr::verifyTransitCode(payload, qr::ChainVerifier(issuer.anchors()), generated + 10s, 200);
    REQUIRE(code);
    CHECK(code->paymentAccount.reveal() == spec.paymentAccount);
    CHECK(code->cardAccount.reveal() == spec.cardAccount);
    CHECK(code->accountType == spec.accountType);
    CHECK(code->tripLimitFen == 1000);
    CHECK(code->validity == 300s);
    CHECK(code->generated == generated);
    CHECK(code->authorisedUntil == generated + spec.authorisation);
    CHECK(code->certificateExpiryYear == 2099);
    CHECK(code->certificateExpiryMonth == 12);
    CHECK(code->custom == Bytes{1, 2, 3});
}

TEST_CASE("the clock's edges of a transit code") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    const auto payload = *issuer.transitCode({}, generated);
    CHECK(verdict(payload, anchors, generated - 20s) == "accept");
    CHECK(verdict(payload, anchors, generated - 20s - 1ms) == "code_from_the_future");
    CHECK(verdict(payload, anchors, generated + 300s) == "accept");
    CHECK(verdict(payload, anchors, generated + 300s + 1ms) == "code_expired");
    CHECK(verdict(payload, anchors, generated, 1000) == "accept");
    CHECK(verdict(payload, anchors, generated, 1001) == "over_limit");

    sim::TransitCodeSpec brief;
    brief.authorisation = 60s;
    const auto briefly = *issuer.transitCode(brief, generated);
    CHECK(verdict(briefly, anchors, generated + 60s - 1ms) == "accept");
    CHECK(verdict(briefly, anchors, generated + 60s) == "authorisation_expired");

    sim::TransitCodeSpec eternal;
    eternal.validity = 1200s;
    CHECK(verdict(*issuer.transitCode(eternal, generated), anchors, generated) == "accept");
    eternal.validity = 1201s;
    CHECK(verdict(*issuer.transitCode(eternal, generated), anchors, generated) == "malformed");
}

TEST_CASE("an issuer certificate holds to the end of its month, UTC") {
    const auto issuer = *sim::CodeIssuer::create();
    sim::TransitCodeSpec spec;
    spec.certificateYear = 2025;
    spec.certificateMonth = 12;
    const auto payload = *issuer.transitCode(spec, generated);
    CHECK(verdict(payload, issuer.anchors(), generated - 1ms) == "accept");
    CHECK(verdict(payload, issuer.anchors(), generated) == "certificate_expired");
}

TEST_CASE("a CA that the terminal does not know is named by its index") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto payload = *issuer.transitCode({}, generated);
    const auto code = qr::verifyTransitCode(payload, qr::ChainVerifier({}), generated, 0);
    REQUIRE_FALSE(code);
    CHECK(code.error() == Reason::bad_certificate);
    CHECK(code.error().context.find("254") != std::string::npos);
    CHECK(verdict(payload, sim::CodeIssuer::create()->anchors(), generated) == "bad_certificate");
}

TEST_CASE("no truncated and no lengthened transit code is accepted") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    sim::TransitCodeSpec spec;
    spec.custom = Bytes(32, 0xAA);
    auto payload = *issuer.transitCode(spec, generated);
    REQUIRE(verdict(payload, anchors, generated) == "accept");
    for (std::size_t size = 0; size < payload.size(); ++size)
        CHECK(verdict(ByteView(payload).first(size), anchors, generated) == "malformed");
    payload.push_back(0);
    CHECK(verdict(payload, anchors, generated) == "malformed");
}

TEST_CASE("fixed fields of a transit code are checked before any signature") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    sim::TransitCodeSpec spec;
    spec.custom = Bytes(32, 0xAA);
    auto payload = *issuer.transitCode(spec, generated);
    for (const std::size_t at : {1U, 2U, 3U, 4U, 9U, 19U, 20U, 21U, 22U, 120U + 110U, 120U + 179U})
        CHECK(verdict(sim::tampered(payload, at), anchors, generated) == "malformed");

    auto& lowByteOfLength = payload[2];
    ++lowByteOfLength;
    ++payload[197];
    payload.insert(payload.begin() + 198, 0xAA); // 33 bytes of custom field, all lengths agreeing
    CHECK(verdict(payload, anchors, generated) == "malformed");
}

TEST_CASE("no transit code with one bit turned over is accepted") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    auto payload = *issuer.transitCode({}, generated);
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
        payload[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        INFO("byte " << bit / 8 << " bit " << bit % 8);
        CHECK(refusals.contains(verdict(payload, anchors, generated)));
        payload[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    CHECK(verdict(payload, anchors, generated) == "accept");
}

TEST_CASE("times of an issuer that writes local time are corrected where the setting names it") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::ChainVerifier chains(issuer.anchors());
    const auto eightHours = 8h;
    sim::TransitCodeSpec spec;
    spec.authorisation = 60s;
    const auto payload = *issuer.transitCode(spec, generated + eightHours); // as if China's time were UTC
    CHECK(qr::verifyTransitCode(payload, chains, generated, 200).error() == Reason::code_from_the_future);

    qr::TransitCodeSettings settings;
    settings.localTimeIssuers = {{0x03, 0x66, 0x45, 0x30}, {0x99, 0x99, 0x00, 0x01}};
    const auto code = qr::verifyTransitCode(payload, chains, generated, 200, settings);
    REQUIRE(code);
    CHECK(code->generated == generated);
    CHECK(code->authorisedUntil == generated + 60s);
    CHECK(qr::verifyTransitCode(payload, chains, generated + 60s, 200, settings).error() ==
          Reason::authorisation_expired);
    const auto honest = *issuer.transitCode({}, generated);
    CHECK(qr::verifyTransitCode(honest, chains, generated, 200, settings).error() == Reason::code_expired);

    settings.localTimeIssuers = {{0x03, 0x66, 0x45, 0x30}}; // another issuer's habit
    CHECK(qr::verifyTransitCode(honest, chains, generated, 200, settings));
}

TEST_CASE("clock skew and longest validity of a transit code are settings") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::ChainVerifier chains(issuer.anchors());
    const auto payload = *issuer.transitCode({}, generated);
    qr::TransitCodeSettings settings;
    settings.aheadOfTerminal = 5s;
    CHECK(qr::verifyTransitCode(payload, chains, generated - 5s, 200, settings));
    CHECK(qr::verifyTransitCode(payload, chains, generated - 6s, 200, settings).error() ==
          Reason::code_from_the_future);
    settings.longestValidity = 299s;
    CHECK(qr::verifyTransitCode(payload, chains, generated, 200, settings).error() == Reason::malformed);
}
