// The terminal's certificate renewed over a real broker, with the collector's own answers behind it.
#include "firmware/courier/renewal.h"
#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware;
using namespace ykt::firmware::courier;
using namespace std::chrono_literals;

namespace {

struct RenewalOverMqtt : MqttFixture {
    RenewalOverMqtt() {
        const auto now = clock.now().wall;
        std::vector<crypto::TlsIdentity> first;
        first.push_back(pki.issue({terminalName, {}, now - 3h, now + 1h, false}).value());
        old = first.front().certificatePem;
        REQUIRE(keys->setIdentities(first));
        auto made = settings();
        made.identity = {first.front().certificatePem, first.front().privateKeyPem.clone()};
        mqtt = upstream(std::move(made));
    }
    std::unique_ptr<RenewingUpstream> renewing(Milliseconds interval = Milliseconds{3'600'000}) {
        RenewalSettings settings{terminalName, pki.caPem(), interval};
        settings.tryInterval = Milliseconds{0};
        return std::make_unique<RenewingUpstream>(
            *mqtt, *keys, clock, settings,
            [this](const crypto::TlsIdentity& identity) { return mqtt->reconnect(identity); });
    }
    [[nodiscard]] std::vector<std::string> kept() const {
        std::vector<std::string> certificates;
        const auto identities = keys->identities();
        REQUIRE(identities);
        for (const auto& identity : *identities)
            certificates.push_back(identity.certificatePem);
        return certificates;
    }
    [[nodiscard]] std::string request() const { return *crypto::makeSigningRequest(terminalName, key); }

    Office office{broker.port(), pki, clock};
    crypto::P256PrivateKey key = crypto::P256PrivateKey::generate().value();
    std::unique_ptr<keys::KeyStore> keys =
        keys::KeyStore::make(folder.path() / "terminal.keys", keys::KekFile{*crypto::randomSecret(32)},
                             clock.now().wall)
            .value();
    std::string old;
    std::unique_ptr<MqttUpstream> mqtt;
};

} // namespace

TEST_CASE_METHOD(RenewalOverMqtt, "a certificate is renewed over MQTT; from then on it signs and connects") {
    const auto upstream = renewing();
    append(1);
    REQUIRE(upstream->deliver(leaseAll(), {}));
    REQUIRE(kept().size() == 1);
    const auto renewed = kept().front();
    CHECK(renewed != old);
    CHECK(crypto::readCertificate(renewed)->notAfter > clock.now().wall + 24h);
    CHECK(office.certificateQuestions() == 2); // for one, and whether it is taken
    append(1);
    REQUIRE(upstream->deliver(leaseAll(), {}));
    CHECK(office.receipts().size() == 2);
    CHECK(office.lastSigner() == renewed);
    CHECK(office.certificateQuestions() == 2);
}

TEST_CASE_METHOD(RenewalOverMqtt,
                 "a new certificate that the collector does not take goes, and the old one stays") {
    const auto upstream = renewing();
    office.takeOnly(old);
    REQUIRE(upstream->reportStatus("{}", {})); // the broker takes any
    CHECK(kept().size() == 2);                 // silence: it may be the network's
    append(1);
    REQUIRE(upstream->deliver(leaseAll(), {})); // with the old one
    CHECK(kept() == std::vector{old});
    CHECK(office.lastSigner() == old);
    CHECK(office.certificateQuestions() == 3);
    office.takeOnly({});
    append(1);
    REQUIRE(upstream->deliver(leaseAll(), {})); // and not asked for at once
    CHECK(kept() == std::vector{old});
}

TEST_CASE_METHOD(RenewalOverMqtt, "a lost answer is asked for again, later, and holds up nothing else") {
    const auto upstream = renewing(Milliseconds{0});
    office.lieAboutCertificates([](const auto&) { return std::vector<std::string>{}; });
    append(2);
    REQUIRE(upstream->deliver(leaseAll(), {}));
    CHECK(office.certificateQuestions() == 1);
    CHECK(kept() == std::vector{old});
    office.lieAboutCertificates({});
    REQUIRE(upstream->reportStatus("{}", {}));
    CHECK(office.certificateQuestions() == 3);
    REQUIRE(kept().size() == 1);
    CHECK(kept().front() != old);
}

TEST_CASE_METHOD(RenewalOverMqtt,
                 "answers that are malformed, foreign or to another request are passed over") {
    using nlohmann::json;
    const std::vector<std::function<std::string(json)>> lies{
        [](const json&) { return std::string(); },
        [](const json&) { return std::string("garbage"); },
        [](const json&) { return std::string(100'000, '['); },
        [](const json& answer) { return json::array({answer}).dump(); },
        [](json answer) { return answer["request"] = "0011223344556677", answer.dump(); },
        [](json answer) { return answer.erase("request"), answer.dump(); },
        [](json answer) { return answer["terminal"] = "NX-BUS-0002", answer.dump(); },
        [](json answer) { return answer["certificate"] = 7, answer.dump(); },
        [](json answer) { return answer["certificate"] = std::string(20'000, 'x'), answer.dump(); },
        [](json answer) { return answer["refused"] = std::string(201, 'x'), answer.dump(); },
    };
    auto made = settings();
    made.requestTimeout = Milliseconds{400}; // all that it hears is silence
    const auto impatient = upstream(std::move(made));
    for (std::size_t i = 0; i < lies.size(); ++i) {
        CAPTURE(i);
        office.lieAboutCertificates(
            [&](const std::string& answer) { return std::vector{lies[i](json::parse(answer))}; });
        const auto outcome = impatient->renewCertificate(request(), {});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error == Reason::upstream_timeout);
    }
    // The right answer among them is heard, whatever came before.
    office.lieAboutCertificates([&](const std::string& answer) {
        std::vector<std::string> all;
        for (const auto& lie : lies)
            all.push_back(lie(json::parse(answer)));
        all.push_back(answer);
        return all;
    });
    const auto outcome = mqtt->renewCertificate(request(), {});
    REQUIRE(outcome);
    CHECK(crypto::publicKeyOf(*outcome)->uncompressed() == key.publicKey().uncompressed());
    office.lieAboutCertificates([](const std::string& answer) {
        auto without = json::parse(answer);
        without.erase("certificate");
        return std::vector{without.dump()};
    });
    CHECK(mqtt->renewCertificate(request(), {}).error().error == Reason::reply_malformed);
}

TEST_CASE_METHOD(RenewalOverMqtt, "what the collector refuses is told, and the session goes on") {
    for (const auto& wrong : {*crypto::makeSigningRequest("NX-BUS-0002", key), std::string("no request")}) {
        const auto outcome = mqtt->renewCertificate(wrong, {});
        REQUIRE_FALSE(outcome);
        CHECK(outcome.error().error == Reason::upstream_rejected);
    }
    CHECK(mqtt->tryCertificate({}));
    CHECK(mqtt->renewCertificate(request(), {}));
}

TEST_CASE_METHOD(RenewalOverMqtt, "a certificate that the broker refuses is told apart from silence") {
    const auto stranger = *sim::Pki::create(clock.now().wall, "Another CA");
    REQUIRE(mqtt->reconnect(*stranger.terminalIdentity(terminalName)));
    // The end of the connection may overtake the alert, and then it looks unreachable.
    CHECK(eventually([&] {
        const auto tried = mqtt->tryCertificate({});
        REQUIRE_FALSE(tried);
        return tried.error().error == Reason::upstream_untrusted;
    }));
    const auto identities = keys->identities();
    REQUIRE(mqtt->reconnect(identities->front()));
    CHECK(mqtt->tryCertificate({}));
}

TEST_CASE_METHOD(RenewalOverMqtt, "one who waits for a certificate stops at once, or at the deadline") {
    office.lieAboutCertificates([](const auto&) { return std::vector<std::string>{}; });
    auto patient = settings();
    patient.requestTimeout = Milliseconds{60'000};
    const auto slow = upstream(std::move(patient));
    std::stop_source stop;
    std::jthread stopper([&] {
        CHECK(eventually([&] { return office.certificateQuestions() == 1; }));
        stop.request_stop();
    });
    const auto outcome = slow->renewCertificate(request(), stop.get_token());
    const auto ended = std::chrono::steady_clock::now();
    stopper.join();
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().error == Reason::cancelled);
    CHECK(std::chrono::steady_clock::now() - ended < 1s);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(mqtt->renewCertificate(request(), {}).error().error == Reason::upstream_timeout);
    CHECK(std::chrono::steady_clock::now() - begin < 15s);
}
