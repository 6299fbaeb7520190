// A certificate of the terminal anew: asked for in time, checked, tried, and put in the old one's place.
#include "crypto/signing_request.h"
#include "firmware/courier/renewal.h"
#include "fixture.h"
#include "hal/clock.h"

#include <set>

using namespace ykt;
using namespace ykt::firmware;
using namespace ykt::firmware::courier;
using namespace std::chrono_literals;

namespace {

const WallTime now = wallFromUnixSeconds(1'795'000'000);

// Answers by the certificate that is shown.
struct PlayedUpstream final : Upstream {
    template <typename T>
    tl::expected<T, UpstreamError> answer(T value) {
        asked.push_back(shown);
        if (away)
            return tl::unexpected(UpstreamError{{Reason::unreachable, {}}});
        if (silentTo.contains(shown))
            return tl::unexpected(UpstreamError{{Reason::upstream_timeout, {}}, std::nullopt, true});
        if (refused.contains(shown))
            return tl::unexpected(UpstreamError{{Reason::upstream_untrusted, {}}});
        return value;
    }
    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>&, std::stop_token) override {
        return answer(std::vector<DeliveryReceipt>{});
    }
    tl::expected<std::optional<Bytes>, UpstreamError> fetchBulletin(std::string_view, std::uint64_t,
                                                                    std::stop_token) override {
        return answer(std::optional<Bytes>{});
    }
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest&, std::uint64_t, std::size_t,
                                                       std::stop_token) override {
        return answer(Bytes{});
    }
    tl::expected<void, UpstreamError> reportStatus(const std::string&, std::stop_token) override {
        return answer(0).map([](int) {});
    }
    tl::expected<std::string, UpstreamError> renewCertificate(const std::string& request,
                                                              const std::stop_token&) override {
        ++renewals;
        auto certificate = sign(*crypto::readSigningRequest(request));
        if (!certificate)
            return tl::unexpected(UpstreamError{certificate.error(), std::nullopt, true});
        return std::move(*certificate);
    }
    tl::expected<void, UpstreamError> tryCertificate(const std::stop_token& stop) override {
        ++tried;
        if (neverTakes.contains(shown))
            return tl::unexpected(UpstreamError{{Reason::upstream_timeout, {}}, std::nullopt, true});
        return Upstream::tryCertificate(stop);
    }
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return std::nullopt; }

    std::string shown;
    std::set<std::string> refused;
    std::set<std::string> silentTo;
    std::set<std::string> neverTakes; // as a collector behind a broker that takes any
    int tried = 0;
    bool away = false;
    int renewals = 0;
    std::vector<std::string> asked;
    std::function<Result<std::string>(const crypto::SigningRequest&)> sign;
};

struct Renewal {
    Renewal() {
        played.sign = [this](const crypto::SigningRequest& request) {
            return issue(request.subject, later());
        };
        const auto key = crypto::P256PrivateKey::generate().value();
        old = issue(key.publicKey(), {terminalName, {}, now - 70 * 24h, now + 30 * 24h, false}).value();
        std::vector<crypto::TlsIdentity> only;
        only.push_back({old, key.toPem()});
        REQUIRE(keys->setIdentities(only));
    }

    static crypto::CertificateRequest later() { return {terminalName, {}, now - 1h, now + 100 * 24h, false}; }
    Result<std::string> issue(const crypto::P256PublicKey& subject,
                              const crypto::CertificateRequest& as) const {
        return crypto::makeCertificate(as, subject, caKey, "Terminals");
    }
    std::vector<std::string> kept() const {
        std::vector<std::string> certificates;
        const auto identities = keys->identities();
        REQUIRE(identities);
        for (const auto& identity : *identities)
            certificates.push_back(identity.certificatePem);
        return certificates;
    }
    // As after a start: the newest is shown.
    std::unique_ptr<RenewingUpstream> begin() {
        played.shown = kept().back();
        return std::make_unique<RenewingUpstream>(
            played, *keys, clock, RenewalSettings{terminalName, ca},
            [this](const crypto::TlsIdentity& identity) -> Result<void> {
                played.shown = identity.certificatePem;
                return {};
            });
    }

    test::TemporaryFolder folder;
    hal::ManualClock clock{now};
    crypto::P256PrivateKey caKey = crypto::P256PrivateKey::generate().value();
    std::string ca = crypto::makeCertificate({"Terminals", {}, now - 1000 * 24h, now + 1000 * 24h, true},
                                             caKey.publicKey(), caKey, "Terminals")
                         .value();
    std::unique_ptr<keys::KeyStore> keys =
        keys::KeyStore::make(folder.path() / "terminal.keys", keys::KekFile{*crypto::randomSecret(32)}, now)
            .value();
    PlayedUpstream played;
    std::string old;
};

} // namespace

TEST_CASE_METHOD(Renewal,
                 "in its last third a certificate is renewed, once, and the new one takes its place") {
    const auto upstream = begin();
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(played.renewals == 1);
    REQUIRE(kept().size() == 1);
    CHECK(kept().front() != old);
    CHECK(played.shown == kept().front());
    CHECK(played.asked == std::vector{old, kept().front()}); // tried at once
    clock.advance(10h);
    REQUIRE(upstream->deliver({}, {}));
    CHECK(played.renewals == 1);
}

TEST_CASE_METHOD(Renewal, "before its last third it is left alone, and by a suspect clock always") {
    const bool early = GENERATE(true, false);
    if (early)
        clock.stepWall(now - 10 * 24h);
    else
        clock.setTrust(TimeTrust::suspect);
    const auto upstream = begin();
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(played.renewals == 0);
    CHECK(kept() == std::vector{old});
}

TEST_CASE_METHOD(Renewal, "a back office that does not renew is asked again an hour later") {
    played.sign = [](const auto&) { return fail(Reason::upstream_rejected, "HTTP 404"); };
    const auto upstream = begin();
    for (int i = 0; i < 5; ++i)
        REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(played.renewals == 1);
    CHECK(kept() == std::vector{old});
    clock.advance(61min);
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(played.renewals == 2);
}

TEST_CASE_METHOD(Renewal, "a certificate that is not the one asked for is not taken") {
    const auto otherKey = crypto::P256PrivateKey::generate().value();
    using Sign = std::function<Result<std::string>(const crypto::SigningRequest&)>;
    const auto as = [this](auto change) {
        return [this, change](const crypto::SigningRequest& request) {
            auto made = later();
            change(made);
            return issue(request.subject, made);
        };
    };
    const std::vector<Sign> wrong{
        as([](auto& made) { made.commonName = "NX-BUS-0002"; }),
        as([](auto& made) { made.isAuthority = true; }),
        as([](auto& made) { made.notAfter = now + 29 * 24h; }), // ends before the present one
        as([](auto& made) { made.notBefore = now + 1h; }),      // not yet in force
        as([](auto& made) { made.notAfter = now - 1h; }),       // expired
        [&](const auto&) { return issue(otherKey.publicKey(), later()); },
        [&](const auto& request) { // of another CA that has the same name
            return crypto::makeCertificate(later(), request.subject, otherKey, "Terminals");
        },
        [](const auto&) { return std::string("no certificate"); },
        [&](const auto& request) { return issue(request.subject, later()).value() + ca; },
    };
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        INFO(i);
        played.sign = wrong[i];
        const auto upstream = begin();
        CHECK(upstream->reportStatus("{}", {})); // what was asked for is not disturbed
        CHECK(kept() == std::vector{old});
        CHECK(played.shown == old);
    }
    CHECK(played.renewals == static_cast<int>(wrong.size()));
}

TEST_CASE_METHOD(Renewal, "a new certificate that the back office then refuses goes, and the old one stays") {
    played.sign = [this](const crypto::SigningRequest& request) {
        auto made = issue(request.subject, later());
        played.refused.insert(*made);
        return made;
    };
    const auto upstream = begin();
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(kept() == std::vector{old});
    CHECK(played.shown == old);
    CHECK(upstream->deliver({}, {}));
}

TEST_CASE_METHOD(Renewal, "until the new certificate has worked once two are kept, over a restart too") {
    played.sign = [this](const crypto::SigningRequest& request) {
        played.away = true; // the network goes just then
        return issue(request.subject, later());
    };
    auto upstream = begin();
    REQUIRE(upstream->reportStatus("{}", {}));
    REQUIRE(kept().size() == 2);
    upstream = begin();
    CHECK_FALSE(upstream->reportStatus("{}", {}));
    REQUIRE(kept().size() == 2);
    const auto newest = kept().back();
    played.away = false;

    SECTION("it works: the old one goes") {
        REQUIRE(upstream->reportStatus("{}", {}));
        CHECK(kept() == std::vector{newest});
        CHECK(played.renewals == 1);
    }
    SECTION("it is refused: the old one is shown, works, and stays") {
        played.refused = {newest};
        CHECK_FALSE(upstream->reportStatus("{}", {}));
        CHECK(kept().size() == 2);
        CHECK(upstream->deliver({}, {}));
        CHECK(kept() == std::vector{old});
        CHECK(played.shown == old);
    }
    SECTION("nobody answers to it: the old one is shown, works, and stays") {
        played.silentTo = {newest};
        CHECK_FALSE(upstream->deliver({}, {}));
        CHECK(kept().size() == 2);
        CHECK(upstream->deliver({}, {}));
        CHECK(kept() == std::vector{old});
    }
    SECTION("the old one is forgotten already: it is not gone back to for good") {
        played.silentTo = {newest};
        CHECK_FALSE(upstream->deliver({}, {}));
        played.silentTo.clear();
        played.refused = {old};
        CHECK_FALSE(upstream->deliver({}, {}));
        CHECK(upstream->deliver({}, {}));
        CHECK(kept() == std::vector{newest});
    }
    SECTION("nobody is trusted: both stay, in turns") {
        played.refused = {newest, old};
        for (int i = 0; i < 4; ++i)
            CHECK_FALSE(upstream->deliver({}, {}));
        CHECK(kept().size() == 2);
        played.refused = {old};
        CHECK((upstream->deliver({}, {}) || upstream->deliver({}, {})));
        CHECK(kept() == std::vector{newest});
    }
}

TEST_CASE_METHOD(
    Renewal, "what answers but for the trial of it is tried again a minute later, and not at each answer") {
    played.sign = [this](const crypto::SigningRequest& request) {
        auto made = issue(request.subject, later());
        played.neverTakes = {old, *made};
        return made;
    };
    const auto upstream = begin();
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(played.tried == 1);
    CHECK(kept().size() == 2);
    CHECK(played.shown == old);
    for (int i = 0; i < 5; ++i)
        REQUIRE(upstream->deliver({}, {}));
    CHECK(played.tried == 1);
    clock.advance(61s);
    for (int i = 0; i < 5; ++i)
        REQUIRE(upstream->deliver({}, {}));
    CHECK(played.tried == 2);
    CHECK(played.shown != old);
    clock.advance(61s);
    played.neverTakes.clear();
    REQUIRE(upstream->deliver({}, {}));
    CHECK(kept() == std::vector{played.shown});
    CHECK(played.shown != old);
}

TEST_CASE_METHOD(Renewal, "one certificate that is refused is all there is") {
    played.refused = {old};
    const auto upstream = begin();
    for (int i = 0; i < 3; ++i)
        CHECK_FALSE(upstream->deliver({}, {}));
    CHECK(kept() == std::vector{old});
    CHECK(played.shown == old);
}

TEST_CASE_METHOD(Fixture, "a certificate is renewed over HTTPS, and the next connection shows the new one") {
    const auto keys =
        keys::KeyStore::make(folder.path() / "terminal.keys", keys::KekFile{*crypto::randomSecret(32)}, now)
            .value();
    const auto today = clock.now().wall;
    std::vector<crypto::TlsIdentity> first;
    first.push_back(pki.issue({terminalName, {}, today - 3h, today + 1h, false}).value());
    REQUIRE(keys->setIdentities(first));
    auto server = httpsSettings();
    server.identity = {first.front().certificatePem, first.front().privateKeyPem.clone()};
    const auto https = HttpsUpstream::create(std::move(server), clock).value();
    RenewingUpstream upstream(*https, *keys, clock, {terminalName, pki.caPem()},
                              [&](const crypto::TlsIdentity& identity) {
                                  auto anew = httpsSettings();
                                  anew.identity = {identity.certificatePem, identity.privateKeyPem.clone()};
                                  return https->reconnect(anew);
                              });
    append(1);
    REQUIRE(upstream.deliver(leaseAll(), {}));
    const auto identities = keys->identities();
    REQUIRE(identities->size() == 1);
    const auto renewed = crypto::readCertificate(identities->front().certificatePem);
    CHECK(renewed->commonName == terminalName);
    CHECK(renewed->notAfter > today + 24h);
    append(1);
    REQUIRE(upstream.deliver(leaseAll(), {}));
    CHECK(backOffice->rows().size() == 2);
}

TEST_CASE_METHOD(Fixture, "the back office signs for nobody but the terminal that asks") {
    const auto key = crypto::P256PrivateKey::generate().value();
    const auto upstream = https();
    CHECK(upstream->renewCertificate(*crypto::makeSigningRequest(terminalName, key), {}));
    for (const auto& wrong : {*crypto::makeSigningRequest("NX-BUS-0002", key), std::string("no request")}) {
        const auto answer = upstream->renewCertificate(wrong, {});
        REQUIRE_FALSE(answer);
        CHECK(answer.error().error == Reason::upstream_rejected);
    }
}
