// Who may sign for an issuer, and what a verifier remembers of it.
#include "qr/code.h"
#include "sim/codes/code_issuer.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace ykt;
using namespace std::chrono_literals;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600); // 2026-01-01
constexpr std::uint8_t index = 0xFE;

std::string verdict(const qr::CodeVerifier& verifier, ByteView payload, WallTime now) {
    const auto evidence = verifier.verify(payload, now, 200);
    return evidence ? "accept" : std::string{nameOf(evidence.error().reason)};
}

qr::CaKey caKey(const sim::CodeIssuer& issuer) {
    return issuer.anchors().find(qr::CodeFormat::transit_code, index).front();
}

} // namespace

TEST_CASE("while a CA changes its key, codes of the old and of the new one hold") {
    const auto leaving = *sim::CodeIssuer::create();
    const auto coming = *sim::CodeIssuer::create();
    const auto stranger = *sim::CodeIssuer::create();
    qr::TrustAnchors anchors;
    for (const auto* issuer : {&leaving, &coming})
        anchors.add(qr::CodeFormat::transit_code, index, caKey(*issuer));
    const qr::CodeVerifier verifier(std::move(anchors));
    for (const auto* issuer : {&leaving, &coming, &leaving})
        CHECK(verdict(verifier, *issuer->transitCode({}, generated), generated) == "accept");
    CHECK(verdict(verifier, *stranger.transitCode({}, generated), generated) == "bad_certificate");
}

TEST_CASE("a CA key holds from its first to before its last moment, for remembered certificates too") {
    const auto issuer = *sim::CodeIssuer::create();
    auto key = caKey(issuer);
    key.notBefore = generated - 10s;
    key.notAfter = generated + 10s;
    qr::TrustAnchors anchors;
    anchors.add(qr::CodeFormat::transit_code, index, key);
    const qr::CodeVerifier verifier(std::move(anchors));
    const auto payload = *issuer.transitCode({}, generated);
    for (const auto* round : {"proved", "remembered"}) {
        INFO(round);
        CHECK(verdict(verifier, payload, generated - 10s) == "accept");
        CHECK(verdict(verifier, payload, generated - 10s - 1ms) == "bad_certificate");
        CHECK(verdict(verifier, payload, generated + 10s - 1ms) == "accept");
        CHECK(verdict(verifier, payload, generated + 10s) == "certificate_expired");
    }
}

TEST_CASE("a remembered certificate lends nothing to one that differs, to its code or to its own end") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    sim::TransitCodeSpec spec;
    spec.certificateYear = 2026;
    spec.certificateMonth = 1;
    const auto payload = *issuer.transitCode(spec, generated);
    REQUIRE(verdict(verifier, payload, generated) == "accept");
    CHECK(verdict(verifier, sim::tampered(payload, 3 + 53), generated) == "bad_certificate"); // CA signature
    CHECK(verdict(verifier, sim::tampered(payload, 3 + 14), generated) == "bad_certificate"); // serial
    CHECK(verdict(verifier, sim::tampered(payload, 146), generated) == "bad_issuer_signature");
    CHECK(verdict(verifier, sim::tampered(payload, payload.size() - 1), generated) == "bad_user_signature");
    const auto february = wallFromUnixSeconds(1'769'904'000);
    CHECK(verdict(verifier, *issuer.transitCode(spec, february - 1s), february - 1ms) == "accept");
    CHECK(verdict(verifier, *issuer.transitCode(spec, february - 1s), february) == "certificate_expired");
    CHECK(verdict(qr::CodeVerifier{{}}, payload, generated) == "bad_certificate");
}

TEST_CASE("one verifier serves many lanes at once, beyond what it remembers") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::CodeVerifier verifier(issuer.anchors());
    std::vector<Bytes> codes;
    for (int month = 1; codes.size() < 24; ++month) { // as many certificates
        sim::TransitCodeSpec spec;
        spec.certificateYear = 2098 + (month - 1) / 12;
        spec.certificateMonth = (month - 1) % 12 + 1;
        codes.push_back(*issuer.transitCode(spec, generated));
    }
    std::atomic<int> refused = 0;
    {
        std::vector<std::jthread> lanes;
        for (int lane = 0; lane < 3; ++lane)
            lanes.emplace_back([&] {
                for (const auto& code : codes) {
                    refused += verifier.verify(code, generated, 200) ? 0 : 1;
                    refused += verifier.verify(sim::tampered(code, 150), generated, 200) ? 1 : 0;
                }
            });
    }
    CHECK(refused == 0);
}

TEST_CASE("each signature is judged by itself, whatever the clock and the other signatures say") {
    const auto issuer = *sim::CodeIssuer::create();
    const qr::ChainVerifier chains(issuer.anchors());
    for (auto payload : {*issuer.transitCode({}, generated), *issuer.fusionCode({}, generated)}) {
        const bool transit = qr::looksLikeTransitCode(payload);
        const auto judge = [&] {
            return chains.judge(transit ? *qr::transitChain(payload) : *qr::fusionChain(payload));
        };
        CHECK((judge().authority == "good" && judge().issuer == "good" && judge().user == "good"));
        payload.back() ^= 1;
        CHECK((judge().authority == "good" && judge().issuer == "good"));
        CHECK(judge().user.starts_with("bad: "));
        payload[transit ? 3 + 60 : 60] ^= 1; // in the CA's signature, which the issuer's covers
        CHECK((judge().authority.starts_with("bad: ") && judge().issuer.starts_with("bad: ")));
        payload[transit ? 3 + 5 : 7] ^= 1; // the CA's index
        CHECK(judge().authority == "not checked: no CA key of index 255");
    }
}
