// Who may connect, and to what.
#include "tests/mqtt/fixture.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

struct TrustFixture : MqttFixture {
    [[nodiscard]] Reason refusal(MqttUpstreamSettings made) {
        made.requestTimeout = Milliseconds{1'000};
        append(1);
        const auto batch = leaseAll();
        const auto outcome = upstream(std::move(made))->deliver(batch, {});
        REQUIRE_FALSE(outcome);
        CHECK_FALSE(outcome.error().sent);
        return outcome.error().error.reason;
    }
    sim::Pki other = *sim::Pki::create(clock.now().wall);
};

} // namespace

TEST_CASE_METHOD(TrustFixture, "a broker of another CA, another name or out of date is not trusted") {
    auto made = settings();
    made.caPem = other.caPem();
    CHECK(refusal(std::move(made)) == Reason::upstream_untrusted);

    const test::Broker elsewhere(pki, {"broker.example"});
    made = settings();
    made.brokers = {{"127.0.0.1", elsewhere.port()}};
    CHECK(refusal(std::move(made)) == Reason::upstream_untrusted);
    made = settings();
    made.brokers = {{"localhost", elsewhere.port()}};
    CHECK(refusal(std::move(made)) == Reason::upstream_untrusted);

    const hal::ManualClock later(clock.now().wall + std::chrono::days{10'000});
    const auto mqtt = std::move(*MqttUpstream::create(settings(), later));
    CHECK(mqtt->reportStatus("{}", {}).error().error == Reason::upstream_untrusted);

    made = settings(); // and a name that is right is
    made.brokers = {{"localhost", broker.port()}};
    CHECK(upstream(std::move(made))->reportStatus("{}", {}));
}

TEST_CASE_METHOD(TrustFixture, "while the CA is changed brokers under the old and the new one are reached") {
    for (const auto& both : {pki.caPem() + other.caPem(), other.caPem() + pki.caPem()}) {
        auto made = settings();
        made.caPem = both;
        CHECK(upstream(std::move(made))->reportStatus("{}", {}));
    }
}

TEST_CASE_METHOD(TrustFixture, "a terminal of another CA is not let in") {
    auto made = settings();
    made.identity = *other.terminalIdentity(terminalName);
    const auto reason = refusal(std::move(made));
    // The broker's alert may be overtaken by the end of the connection.
    CHECK((reason == Reason::upstream_untrusted || reason == Reason::unreachable));
}

TEST_CASE_METHOD(TrustFixture, "another terminal's topics carry nothing for this one") {
    Office office(broker.port(), pki, clock);
    auto made = settings();
    made.identity = *pki.terminalIdentity("NX-BUS-0002"); // the broker goes by the certificate
    made.requestTimeout = Milliseconds{500};
    append(1);
    const auto mqtt = upstream(std::move(made));
    CHECK(mqtt->deliver(leaseAll(), {}).error().error == Reason::upstream_timeout);
    CHECK(office.messages() == 0);
}

TEST_CASE_METHOD(TrustFixture,
                 "what a terminal publishes in another's name reaches nobody, and settles nothing") {
    Office office(broker.port(), pki, clock);
    test::MqttClient thief(broker.port(), "NX-BUS-0002", pki);
    append(1);
    const auto identity = *pki.terminalIdentity("NX-BUS-0002");
    const auto key = *crypto::P256PrivateKey::fromPem(identity.privateKeyPem);
    const auto forged = *signBatch(leaseAll(), "00", identity.certificatePem, key);
    thief.retain("ykt/v1/" + terminalName + "/transactions", forged); // acknowledged, and dropped
    thief.retain("ykt/v1/" + terminalName + "/receipts", "{}");
    CHECK(office.messages() == 0);
    thief.retain("ykt/v1/NX-BUS-0002/transactions", forged); // its own topic, but the records of another
    CHECK(eventually([&] { return office.refused() == 1; }));
    CHECK(office.receipts().empty());
}

TEST_CASE_METHOD(TrustFixture, "a terminal cannot be made with a key that is not its certificate's") {
    auto made = settings();
    made.identity.privateKeyPem = pki.terminalIdentity(terminalName)->privateKeyPem.clone();
    CHECK(MqttUpstream::create(std::move(made), clock).error() == Reason::key_invalid);
    made = settings();
    made.caPem = "no certificate";
    CHECK(MqttUpstream::create(std::move(made), clock).error() == Reason::certificate_invalid);
}
