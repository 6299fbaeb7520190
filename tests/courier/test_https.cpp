// What HTTPS refuses, and how long it waits.
#include "fixture.h"
#include "silent_listener.h"

#include <future>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

// What the first request over a connection with these settings ends in.
Reason refusalOf(const Fixture& fixture, HttpsUpstreamSettings settings) {
    const auto upstream = HttpsUpstream::create(std::move(settings), fixture.clock);
    REQUIRE(upstream);
    const auto fetched = (*upstream)->fetchBulletin("catalogue", 0, {});
    REQUIRE_FALSE(fetched);
    return fetched.error().error.reason;
}

constexpr Milliseconds second{1'000};

} // namespace

TEST_CASE_METHOD(Fixture, "while the CA is changed servers under the old and the new one are reached") {
    const auto other = *sim::Pki::create(clock.now().wall);
    for (const auto& both : {pki.caPem() + other.caPem(), other.caPem() + pki.caPem()}) {
        auto settings = httpsSettings();
        settings.caPem = both;
        CHECK(
            std::move(*HttpsUpstream::create(std::move(settings), clock))->fetchBulletin("catalogue", 0, {}));
    }
}

TEST_CASE_METHOD(Fixture, "a server that is not what it should be is refused") {
    auto settings = httpsSettings();
    SECTION("under another CA") {
        settings.caPem = sim::Pki::create(clock.now().wall)->caPem();
        CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
    }
    const auto restartWith = [&](crypto::TlsIdentity identity) {
        backOffice.reset();
        sim::BackOfficeOptions options;
        options.ledgerFile = folder.path() / "other.db";
        options.caPem = pki.caPem();
        options.identity = std::move(identity);
        backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
        settings.port = backOffice->port();
    };
    SECTION("with a certificate for another name") {
        restartWith(*pki.serverIdentity({"example.invalid", "127.0.0.2"}));
        CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
    }
    SECTION("with a certificate for the address only, asked by name") {
        if (!canLookUpNames)
            return;
        restartWith(*pki.issue(
            {"other", {"127.0.0.1"}, clock.now().wall - second, clock.now().wall + 3600 * second, false}));
        settings.host = "localhost";
        CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
    }
    SECTION("with an expired certificate") {
        restartWith(*pki.issue({"localhost",
                                {"localhost", "127.0.0.1"},
                                clock.now().wall - 3600 * second,
                                clock.now().wall - 60 * second,
                                false}));
        CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
    }
    SECTION("with a certificate of tomorrow") {
        restartWith(*pki.issue({"localhost",
                                {"localhost", "127.0.0.1"},
                                clock.now().wall + 3600 * second,
                                clock.now().wall + 7200 * second,
                                false}));
        CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
    }
}

TEST_CASE_METHOD(Fixture, "the server is found by name and by address") {
    for (const auto* host : {"127.0.0.1", "localhost"}) {
        if (!canLookUpNames && host == std::string_view("localhost"))
            continue;
        auto settings = httpsSettings();
        settings.host = host;
        const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
        CHECK(upstream->fetchBulletin("catalogue", 0, {}));
    }
}

TEST_CASE_METHOD(Fixture, "the back office refuses clients that are not its own") {
    auto settings = httpsSettings();
    SECTION("under another CA") {
        settings.identity = *sim::Pki::create(clock.now().wall)->terminalIdentity(terminalName);
    }
    SECTION("with an expired certificate") {
        settings.identity = *pki.issue(
            {terminalName, {}, clock.now().wall - 3600 * second, clock.now().wall - 60 * second, false});
    }
    CHECK(refusalOf(*this, std::move(settings)) == Reason::upstream_untrusted);
}

TEST_CASE_METHOD(Fixture, "a client without a certificate gets no further than the handshake") {
    // With mbedTLS itself: a TlsClient cannot be made without a certificate.
    mbedtls_net_context socket;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_net_init(&socket);
    mbedtls_ssl_init(&ssl);
    mbedtls_ssl_config_init(&config);
    REQUIRE(mbedtls_net_connect(&socket, "127.0.0.1", std::to_string(backOffice->port()).c_str(),
                                MBEDTLS_NET_PROTO_TCP) == 0);
    REQUIRE(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                        MBEDTLS_SSL_PRESET_DEFAULT) == 0);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_rng(&config, crypto::mbedtlsRandom, nullptr);
    REQUIRE(mbedtls_ssl_setup(&ssl, &config) == 0);
    mbedtls_ssl_set_bio(&ssl, &socket, mbedtls_net_send, mbedtls_net_recv, nullptr);
    CHECK(mbedtls_ssl_handshake(&ssl) == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE);
    mbedtls_ssl_free(&ssl);
    mbedtls_ssl_config_free(&config);
    mbedtls_net_free(&socket);
}

TEST_CASE_METHOD(Fixture, "a terminal cannot deliver in another's name") {
    auto settings = httpsSettings();
    settings.identity = *pki.terminalIdentity("NX-BUS-0002");
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    append(1);
    const auto delivered = upstream->deliver(leaseAll(), {});
    REQUIRE_FALSE(delivered);
    CHECK(delivered.error().error == Reason::upstream_rejected);
    CHECK(delivered.error().sent);
    CHECK(backOffice->rows().empty());
}

TEST_CASE_METHOD(Fixture, "the connection is kept, and the session resumed after it") {
    auto client =
        *std::move(crypto::TlsClient::create(pki.caPem(), *pki.terminalIdentity(terminalName), clock));
    const auto connect = [&] { return client.connect("127.0.0.1", backOffice->port(), 5 * second, {}); };
    CHECK_FALSE(connect()->resumed());
    CHECK(connect()->resumed());
    CHECK(connect()->peerCommonName() == "localhost");
}

TEST_CASE_METHOD(Fixture, "the same record delivered twice gets the same receipt") {
    const auto upstream = https();
    append(2);
    const auto batch = leaseAll();
    const auto first = upstream->deliver(batch, {});
    const auto second = upstream->deliver(batch, {});
    REQUIRE(first);
    REQUIRE(second);
    REQUIRE(first->size() == 2);
    CHECK(first->front().verdict == DeliveryReceipt::Verdict::settled);
    CHECK(first->front().note == second->front().note);
    CHECK(backOffice->rows().size() == 2);
}

TEST_CASE_METHOD(Fixture, "the back office finds records that were tampered with, and gaps") {
    const auto upstream = https();
    append(4);
    const auto batch = leaseAll();
    const auto verdictOf = [&](offline_store::Record record) {
        const auto receipts = upstream->deliver({std::move(record)}, {});
        REQUIRE(receipts);
        return std::pair(receipts->front().verdict, receipts->front().note);
    };
    using enum DeliveryReceipt::Verdict;
    auto changed = batch[0];
    changed.payload = toBytes(R"({"fare":1})");
    CHECK(verdictOf(changed) ==
          std::pair(rejected, std::string("payload digest does not follow from the content")));
    changed = batch[0];
    changed.kind = "entry";
    CHECK(verdictOf(changed) == std::pair(rejected, std::string("hash does not follow from the content")));
    changed = batch[0];
    changed.previous.fill(1);
    changed.hash = chainHash(changed);
    CHECK(verdictOf(changed) == std::pair(rejected, std::string("the first record continues another")));

    CHECK(verdictOf(batch[0]).first == settled);
    changed.previous = batch[0].previous;
    changed.kind = "entry";
    changed.hash = chainHash(changed);
    CHECK(verdictOf(changed) == std::pair(rejected, std::string("another record was settled under this id")));
    changed = batch[1];
    changed.previous.fill(2);
    changed.hash = chainHash(changed);
    CHECK(verdictOf(changed) == std::pair(rejected, std::string("does not continue the record before")));

    CHECK(verdictOf(batch[3]).first == settled);
    CHECK(backOffice->audit() ==
          std::vector<std::string>{"NX-BUS-0001-1-2 is missing", "NX-BUS-0001-1-3 is missing"});
    changed = batch[2];
    changed.kind = "entry";
    changed.hash = chainHash(changed);
    CHECK(verdictOf(changed) == std::pair(rejected, std::string("the record after continues another")));
    CHECK(verdictOf(batch[2]).first == settled);
    CHECK(verdictOf(batch[1]).first == settled);
    CHECK(backOffice->audit().empty());
}

TEST_CASE_METHOD(Fixture, "a reply beyond the bound is refused without being read") {
    auto settings = httpsSettings();
    settings.mostReplyBytes = 1'000;
    backOffice->answerWith(R"({"receipts":[]})" + std::string(1'000, ' '));
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    append(1);
    const auto batch = leaseAll();
    CHECK(upstream->deliver(batch, {}).error().error == Reason::reply_malformed);
    backOffice->answerWith({});
    CHECK(upstream->deliver(batch, {}));
}

TEST_CASE_METHOD(Fixture, "a slow back office is a timeout, and the record counts an attempt") {
    auto settings = httpsSettings();
    settings.requestTimeout = Milliseconds{300};
    backOffice->delayAnswers(5 * second);
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    append(1);
    const auto asked = clock.now().monotonic;
    const auto delivered = upstream->deliver(leaseAll(), {});
    REQUIRE_FALSE(delivered);
    CHECK(delivered.error().error == Reason::upstream_timeout);
    CHECK(delivered.error().sent);
    CHECK(clock.now().monotonic - asked < 3 * second);
}

TEST_CASE_METHOD(Fixture, "a server that says nothing is a timeout before anything was sent") {
    const SilentListener silent;
    auto settings = httpsSettings();
    settings.port = silent.port;
    settings.connectTimeout = Milliseconds{300};
    const auto upstream = std::move(*HttpsUpstream::create(std::move(settings), clock));
    append(1);
    const auto delivered = upstream->deliver(leaseAll(), {});
    REQUIRE_FALSE(delivered);
    CHECK(delivered.error().error == Reason::upstream_timeout);
    CHECK_FALSE(delivered.error().sent);
}

TEST_CASE_METHOD(Fixture, "a name that nobody answers for holds up nothing") {
    if (!canLookUpNames)
        return;
    auto settings = httpsSettings();
    settings.host = "nobody.invalid";
    settings.connectTimeout = second;
    const auto asked = clock.now().monotonic;
    const auto refusal = refusalOf(*this, std::move(settings));
    CHECK((refusal == Reason::unreachable ||
           refusal == Reason::upstream_timeout)); // as the name server answers or not
    CHECK(clock.now().monotonic - asked < 3 * second);
}

TEST_CASE_METHOD(Fixture, "the back office ends within a second while it waits itself") {
    backOffice->delayAnswers(30 * second);
    const auto upstream = https();
    append(1);
    auto delivery =
        std::async(std::launch::async, [&, batch = leaseAll()] { return upstream->deliver(batch, {}); });
    REQUIRE(eventually([&] { return backOffice->requests() == 1; }));
    const auto asked = clock.now().monotonic;
    backOffice.reset();
    CHECK(clock.now().monotonic - asked < second);
    CHECK_FALSE(delivery.get());
}
