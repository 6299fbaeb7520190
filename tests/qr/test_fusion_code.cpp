#include "base/hex.h"
#include "qr/code.h"
#include "qr/transit_code.h"
#include "sim/codes/code_issuer.h"

#include <catch2/catch.hpp>
#include <set>

using namespace ykt;
using namespace std::chrono_literals;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600); // 2026-01-01

std::string verdict(ByteView payload, const qr::TrustAnchors& anchors, WallTime now) {
    const auto code = qr::verifyFusionCode(payload, qr::ChainVerifier(anchors), now);
    return code ? "accept" : std::string{nameOf(code.error().reason)};
}

const std::set<std::string> refusals{
    "malformed",          "bad_certificate",       "certificate_expired", "bad_issuer_signature",
    "bad_user_signature", "authorisation_expired", "code_expired",        "code_from_the_future"};

} // namespace

TEST_CASE("a fusion code gives back what its issuer wrote, and no more than 400 bytes carry it") {
    const auto issuer = *sim::CodeIssuer::create();
    sim::FusionCodeSpec spec;
    spec.holderClass = '4';
    spec.regionCode = "640500";
    const auto payload = *issuer.fusionCode(spec, generated);
    CHECK(payload.size() == qr::fusionCodeSize);
    CHECK(payload.size() < 400);
    const auto code = qr::verifyFusionCode(payload, qr::ChainVerifier(issuer.anchors()), generated + 10s);
    REQUIRE(code);
    CHECK(code->form == qr::FusionForm::offline);
    CHECK(code->caIndex == 0xFE);
    CHECK(code->sealedHolder != spec.holderReference);
    CHECK(*code->openHolder(spec.programmeKey) == spec.holderReference);
    CHECK(code->regionCode == "640500");
    CHECK(code->holderClass == '4');
    CHECK(code->generated == generated);
    CHECK(code->validity == spec.validity);
    CHECK(code->authorisedUntil == generated + spec.authorisation);
    CHECK(code->certificateExpiry == generated + spec.certificate);
}

TEST_CASE("the clock's edges of a fusion code") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    const auto payload = *issuer.fusionCode({}, generated);
    CHECK(verdict(payload, anchors, generated - 20s) == "accept");
    CHECK(verdict(payload, anchors, generated - 20s - 1ms) == "code_from_the_future");
    CHECK(verdict(payload, anchors, generated + 300s) == "accept");
    CHECK(verdict(payload, anchors, generated + 300s + 1ms) == "code_expired");

    sim::FusionCodeSpec spec;
    spec.authorisation = 60s;
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated + 60s - 1ms) == "accept");
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated + 60s) == "authorisation_expired");
    spec.certificate = 30s;
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated + 30s - 1ms) == "accept");
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated + 30s) == "certificate_expired");
    spec = {};
    spec.validity = 1200s;
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated) == "accept");
    spec.validity = 1201s;
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated) == "malformed");
}

TEST_CASE("no truncated and no lengthened fusion code is accepted") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    auto payload = *issuer.fusionCode({}, generated);
    for (std::size_t size = 0; size < payload.size(); ++size)
        CHECK(verdict(ByteView(payload).first(size), anchors, generated) == "malformed");
    payload.push_back(0);
    CHECK(verdict(payload, anchors, generated) == "malformed");
}

TEST_CASE("no fusion code with one bit turned over is accepted") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    auto payload = *issuer.fusionCode({}, generated);
    for (std::size_t bit = 0; bit < payload.size() * 8; ++bit) {
        payload[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
        INFO("byte " << bit / 8 << " bit " << bit % 8);
        CHECK(refusals.contains(verdict(payload, anchors, generated)));
        payload[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    }
    CHECK(verdict(payload, anchors, generated) == "accept");
}

TEST_CASE("each wrong signature of a fusion code is named") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    const auto payload = *issuer.fusionCode({}, generated);
    CHECK(verdict(sim::tampered(payload, 7), anchors, generated) == "bad_certificate"); // index of the CA
    CHECK(verdict(sim::tampered(payload, 61), anchors, generated) == "bad_certificate");
    CHECK(verdict(sim::tampered(payload, 121), anchors, generated) == "bad_issuer_signature"); // holder
    CHECK(verdict(sim::tampered(payload, 181), anchors, generated) == "bad_issuer_signature");
    CHECK(verdict(sim::tampered(payload, 241), anchors, generated) == "bad_user_signature"); // generated
    CHECK(verdict(sim::tampered(payload, 301), anchors, generated) == "bad_user_signature");
    for (const std::size_t at : {0U, 3U, 4U, 5U, 136U}) // magic, version, length, holder class
        CHECK(verdict(sim::tampered(payload, at), anchors, generated) == "malformed");
    CHECK(verdict(payload, sim::CodeIssuer::create()->anchors(), generated) == "bad_certificate");
}

TEST_CASE("no two signatures of the code formats cover the same bytes") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto fusion = *issuer.fusionCode({}, generated);
    const auto certificate = qr::fusionSignedBytes(fusion, qr::FusionSignature::certificate);
    const auto authorisation = qr::fusionSignedBytes(fusion, qr::FusionSignature::authorisation);
    const auto code = qr::fusionSignedBytes(fusion, qr::FusionSignature::code);
    // A transit code's signatures begin with 12 (certificate), 24 (issuer) and 81 (user).
    for (const auto& bytes : {certificate, authorisation, code}) {
        REQUIRE_FALSE(bytes.empty());
        CHECK(bytes[0] == 'y');
    }
    const auto label = [](const Bytes& bytes) { return toText(bytes).substr(0, 17); };
    CHECK(label(certificate) != label(authorisation));
    CHECK(label(certificate) != label(code));
    CHECK(label(authorisation) != label(code));
    CHECK(qr::fusionSignedBytes(ByteView(fusion).first(245), qr::FusionSignature::code).empty());
}

TEST_CASE("an emergency code holds as long as the setting allows, an offline one no longer than ever") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto anchors = issuer.anchors();
    sim::FusionCodeSpec spec;
    spec.form = qr::FusionForm::emergency;
    spec.validity = 24h;
    const auto payload = *issuer.fusionCode(spec, generated);
    CHECK(verdict(payload, anchors, generated + 24h) == "accept");
    CHECK(verdict(payload, anchors, generated + 24h + 1ms) == "code_expired");
    qr::FusionCodeSettings shorter;
    shorter.longestEmergencyValidity = 24h - 1s;
    CHECK(qr::verifyFusionCode(payload, qr::ChainVerifier(anchors), generated, shorter).error() ==
          Reason::malformed);
    spec.form = qr::FusionForm::offline;
    CHECK(verdict(*issuer.fusionCode(spec, generated), anchors, generated) == "malformed");
}

TEST_CASE("an offline code cannot be made an emergency code, nor the other way: the user signs the form") {
    const auto issuer = *sim::CodeIssuer::create();
    auto payload = *issuer.fusionCode({}, generated);
    payload[6] = 2;
    CHECK(verdict(payload, issuer.anchors(), generated) == "bad_user_signature");
    for (const std::uint8_t form : Bytes{0, 3, 4, 255}) {
        payload[6] = form;
        CHECK(verdict(payload, issuer.anchors(), generated) == "malformed");
    }
    payload[6] = 1;
    payload[3] = 1; // the first version
    CHECK(verdict(payload, issuer.anchors(), generated) == "malformed");
}

TEST_CASE("the online form carries a token of 16 to 64 printable characters and nothing else") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    sim::FusionCodeSpec spec;
    spec.form = qr::FusionForm::online;
    const auto tokenOf = [&](const std::string& token) {
        spec.token = token;
        return verifier.verify(*issuer.fusionCode(spec, generated), generated, 0);
    };
    for (const auto size : {16U, 64U}) {
        const auto evidence = tokenOf(std::string(size, 'k'));
        REQUIRE(evidence);
        const auto& online = std::get<qr::OnlineCode>(*evidence);
        CHECK(online.format == qr::CodeFormat::fusion_code);
        CHECK(toText(online.token.reveal()) == spec.token);
    }
    CHECK(tokenOf(std::string(15, 'k')).error() == Reason::malformed);
    CHECK(tokenOf(std::string(16, ' ')).error() == Reason::malformed);
    CHECK(tokenOf(std::string(16, '\x80')).error() == Reason::malformed);
    auto longer = *issuer.fusionCode(spec, generated);
    longer.push_back('k'); // against its length field
    CHECK(verifier.verify(longer, generated, 0).error() == Reason::malformed);
    spec.token = std::string(65, 'k');
    CHECK(issuer.fusionCode(spec, generated).error() == Reason::input_malformed);
}

TEST_CASE("the issuer refuses a specification that a code cannot carry") {
    const auto issuer = *sim::CodeIssuer::create();
    sim::FusionCodeSpec fusion;
    fusion.regionCode = "64010";
    CHECK(issuer.fusionCode(fusion, generated).error() == Reason::input_malformed);
    sim::TransitCodeSpec transit;
    transit.custom = Bytes(33);
    CHECK(issuer.transitCode(transit, generated).error() == Reason::input_malformed);
    transit = {};
    transit.cardAccount = "0000000000000000000x";
    CHECK(issuer.transitCode(transit, generated).error() == Reason::input_malformed);
}
