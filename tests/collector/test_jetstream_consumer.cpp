#include "collector/audit.h"
#include "collector/jetstream_consumer.h"
#include "collector/sqlite_ledger.h"
#include "crypto/jws.h"
#include "tests/collector/nats_server.h"
#include "tests/collector/played_terminal.h"
#include "tests/courier/silent_listener.h"
#include "tests/eventually.h"
#include "tests/must.h"

#include <thread>

namespace ykt::collector {

using test::connectTo;
using test::eventually;
using test::must;
using test::soon;

namespace {

struct World {
    std::string signedBatch(const PlayedTerminal& terminal, const IncomingBatch& batch) const {
        return signedAs(terminal.name, "ykt-transactions", toJson(batch));
    }
    std::string signedAs(const std::string& terminal, const std::string& type,
                         const std::string& payload) const {
        const auto identity = *pki.terminalIdentity(terminal);
        return *crypto::signJws(type, asBytes(payload), identity.certificatePem,
                                *crypto::P256PrivateKey::fromPem(identity.privateKeyPem));
    }
    JetstreamConsumerSettings settings(const test::NatsServer& server) const {
        JetstreamConsumerSettings settings;
        settings.servers = {server.address()};
        settings.client = test::withPassword();
        settings.terminalsCaPem = pki.caPem();
        settings.firstBackoff = Milliseconds{50};
        return settings;
    }

    drivers::SystemClock clock;
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    test::TemporaryFolder folder;
    std::unique_ptr<SqliteLedger> ledger = std::move(*SqliteLedger::open(folder.path() / "ledger.db", clock));
};

struct RunningConsumer {
    RunningConsumer(World& world, JetstreamConsumerSettings settings)
        : consumer(*world.ledger, world.clock, std::move(settings),
                   [this](const std::string& line) {
                       const std::scoped_lock lock(mutex);
                       log += line + "\n";
                   }),
          thread([this](const std::stop_token& stop) { consumer.run(stop); }) {}
    // Until it takes from the server.
    void connected() {
        REQUIRE(eventually([&] { return told().find("taking from") != std::string::npos; }));
    }
    std::string told() {
        const std::scoped_lock lock(mutex);
        return log;
    }

    std::mutex mutex;
    std::string log;
    JetstreamConsumer consumer;
    std::jthread thread;
};

// A terminal's side, that hears what is answered.
struct Answered {
    Answered() { client->subscribe("ykt.v1.*.receipts"); }
    NatsMessage answer() const {
        auto message = must(client->next(soon, {}));
        REQUIRE(message);
        return std::move(*message);
    }

    World world;
    test::NatsServer server;
    PlayedTerminal terminal;
    std::unique_ptr<NatsClient> client = connectTo(server, world.clock);
};

} // namespace

TEST_CASE_METHOD(Answered,
                 "What terminals publish is settled, answered and acknowledged; what nobody signed is not") {
    RunningConsumer running(world, world.settings(server));
    running.connected();

    auto batch = terminal.batch(3);
    batch.request = "0011223344556677";
    auto broken = batch.records[1];
    broken.payload.clear();
    std::swap(batch.records[1], broken);
    client->publish("ykt.v1.NX-BUS-0001.transactions", world.signedBatch(terminal, batch));
    const auto message = answer();
    CHECK(message.subject == "ykt.v1.NX-BUS-0001.receipts");
    const auto told = nlohmann::json::parse(message.payload);
    CHECK(told["terminal"] == "NX-BUS-0001");
    CHECK(told["epoch"] == 1);
    CHECK(told["request"] == batch.request);
    CHECK(std::abs(told["server_ms"].get<std::int64_t>() - unixMilliseconds(world.clock.now().wall)) <
          60'000);
    REQUIRE(told["receipts"].size() == 3);
    CHECK(told["receipts"][0]["verdict"] == "settled");
    CHECK(told["receipts"][1]["verdict"] == "rejected");

    // Under another's subject, signed by another CA, not signed at all.
    client->publish("ykt.v1.NX-BUS-0002.transactions", world.signedBatch(terminal, batch));
    World other;
    client->publish("ykt.v1.NX-BUS-0001.transactions", other.signedBatch(terminal, batch));
    client->publish("ykt.v1.NX-BUS-0001.transactions", toJson(batch));
    client->publish("ykt.v1.NX-BUS-0001.status", R"({"terminal":"NX-BUS-0001"})");
    client->publish("ykt.v1.NX-BUS-0001.status", "no JSON");
    REQUIRE(client->flush(soon, {}));
    CHECK(eventually([&] { return running.consumer.unanswered() == 3; }));
    CHECK(eventually([&] { return world.ledger->statuses()->size() == 1; }));
    CHECK(world.ledger->chains()->at(0).records == 2);
    CHECK_FALSE(*client->next(Milliseconds{50}, {}));   // nobody was answered
    CHECK_FALSE(must(world.ledger->unsettledAfter(0))); // who waits for a receipt sends again
}

TEST_CASE(
    "What did not verify under a wrong CA is kept, and settled once each by a collector with the right one") {
    World world;
    const World other;
    PlayedTerminal terminal;
    const auto consume = [&](const test::NatsServer& server, const World& trusted, auto&& until) {
        auto settings = world.settings(server);
        settings.terminalsCaPem = trusted.pki.caPem();
        settings.keepsUnsettled = true;
        settings.fetchAtOnce = 2; // fewer than are kept
        RunningConsumer running(world, std::move(settings));
        CHECK(eventually([&] { return until(running.consumer); }));
    };
    const auto kept = [&](std::int64_t after) { return must(world.ledger->unsettledAfter(after)); };
    const auto stranger = other.signedBatch(terminal, PlayedTerminal{}.batch(1));
    {
        const test::NatsServer server;
        const auto client = connectTo(server, world.clock);
        REQUIRE(JetStream(*client).ensureStream(world.settings(server).stream, {}));
        for (int i = 0; i < 5; ++i)
            client->publish("ykt.v1.NX-BUS-0001.transactions",
                            world.signedBatch(terminal, terminal.batch(3)));
        REQUIRE(client->flush(soon, {}));
        consume(server, other, [](const auto& consumer) { return consumer.unanswered() == 5; });
        CHECK(must(world.ledger->chains()).empty());
        REQUIRE(kept(0));
        CHECK(kept(0)->subject == "ykt.v1.NX-BUS-0001.transactions");
        client->publish("ykt.v1.NX-BUS-0001.transactions", stranger);
        REQUIRE(client->flush(soon, {}));
        consume(server, world, [](const auto& consumer) { return consumer.unanswered() == 1; });
    }
    // Where no broker has anything.
    const test::NatsServer empty;
    consume(empty, world, [&](const auto&) {
        const auto first = kept(0);
        return first && first->payload == stranger;
    });
    REQUIRE(kept(0));
    CHECK_FALSE(kept(kept(0)->number));
    CHECK(must(world.ledger->chains()).at(0).records == 15);
    CHECK(must(world.ledger->chains()).at(0).refused.empty());
    CHECK(must(audit(*world.ledger)).empty());
}

TEST_CASE("A message of which a record is refused is answered and kept") {
    World world;
    const test::NatsServer server;
    PlayedTerminal terminal;
    auto batch = terminal.batch(2);
    batch.records[1].payload.clear();
    const auto message = world.signedBatch(terminal, batch);
    auto settings = world.settings(server);
    settings.keepsUnsettled = true;
    RunningConsumer running(world, std::move(settings));
    running.connected();
    const auto client = connectTo(server, world.clock);
    client->publish("ykt.v1.NX-BUS-0001.transactions", message);
    REQUIRE(client->flush(soon, {}));
    REQUIRE(eventually([&] { return running.consumer.messages() == 1; }));
    const auto kept = must(world.ledger->unsettledAfter(0));
    REQUIRE(kept);
    CHECK(kept->payload == message);
    CHECK(kept->why == "payload digest does not follow from the content");
}

TEST_CASE_METHOD(
    Answered, "A record that cannot be read is rejected, so that it does not keep those around it waiting") {
    RunningConsumer running(world, world.settings(server));
    running.connected();
    auto batch = terminal.batch(3);
    batch.records[1].kind = std::string(65, 'x');
    client->publish("ykt.v1.NX-BUS-0001.transactions", world.signedBatch(terminal, batch));
    const auto receipts = nlohmann::json::parse(answer().payload)["receipts"];
    REQUIRE(receipts.size() == 3);
    CHECK(receipts[0]["verdict"] == "settled");
    CHECK(receipts[1] ==
          nlohmann::json{{"sequence", 2}, {"verdict", "rejected"}, {"note", "cannot be read: kind"}});
    CHECK(receipts[2]["verdict"] == "settled");
    CHECK(must(world.ledger->chains()).at(0).refused.at(0).why == "cannot be read: kind");
}

TEST_CASE("With the consumer deleted, an older ledger is filled again from the stream (docs/fleet.md)") {
    World world;
    World restored;
    const test::NatsServer server;
    PlayedTerminal terminal;
    const auto client = connectTo(server, world.clock);
    const auto settled = [](const World& in) {
        const auto chains = must(in.ledger->chains());
        return chains.empty() ? 0 : chains.at(0).records;
    };
    {
        RunningConsumer running(world, world.settings(server));
        running.connected();
        client->publish("ykt.v1.NX-BUS-0001.transactions", world.signedBatch(terminal, terminal.batch(3)));
        REQUIRE(client->flush(soon, {}));
        REQUIRE(eventually([&] { return settled(world) == 3; }));
        REQUIRE(eventually([&] { return running.consumer.messages() == 1; }));
    }
    REQUIRE(client->request("$JS.API.CONSUMER.DELETE.ykt-transactions.ykt-collector", "", soon, {}));
    auto settings = restored.settings(server);
    settings.terminalsCaPem = world.pki.caPem();
    const RunningConsumer again(restored, std::move(settings));
    CHECK(eventually([&] { return settled(restored) == 3; }));
}

TEST_CASE_METHOD(Answered, "Receipts are signed where the collector is told to") {
    auto settings = world.settings(server);
    settings.receiptSigner = *world.pki.terminalIdentity("collector");
    RunningConsumer running(world, std::move(settings));
    running.connected();
    client->publish("ykt.v1.NX-BUS-0001.transactions", world.signedBatch(terminal, terminal.batch(1)));
    const auto opened =
        crypto::verifyJws("ykt-receipts", answer().payload, world.pki.caPem(), world.clock.now().wall);
    REQUIRE(opened);
    CHECK(opened->signer.commonName == "collector");
    CHECK(nlohmann::json::parse(opened->payload)["receipts"][0]["verdict"] == "settled");
}

TEST_CASE("A signed signing request is answered to its terminal, and only where certificates are renewed") {
    using nlohmann::json;
    World world;
    test::NatsServer server;
    const auto client = connectTo(server, world.clock);
    client->subscribe("ykt.v1.*.certificates");
    auto settings = world.settings(server);
    if (GENERATE(true, false)) {
        settings.sign = [&](const crypto::SigningRequest& request) { return world.pki.sign(request); };
    }
    const bool signs = static_cast<bool>(settings.sign);
    RunningConsumer running(world, std::move(settings));
    running.connected();

    const auto key = crypto::P256PrivateKey::generate().value();
    const json question{{"terminal", "NX-BUS-0001"},
                        {"request", "0011223344556677"},
                        {"signing_request", *crypto::makeSigningRequest("NX-BUS-0001", key)}};
    const auto ask = [&](const World& signer, const json& what,
                         const std::string& type = "ykt-signing-request",
                         const std::string& by = "NX-BUS-0001") {
        client->publish("ykt.v1.NX-BUS-0001.signing-requests", signer.signedAs(by, type, what.dump()));
    };
    // Nobody is answered who is not the terminal.
    const World other;
    ask(other, question);
    ask(world, question, "ykt-transactions");
    ask(world, question, "ykt-signing-request", "NX-BUS-0002");
    auto wrong = question;
    wrong["request"] = 7;
    ask(world, wrong);
    wrong = question;
    wrong["terminal"] = "NX-BUS-0002";
    ask(world, wrong, "ykt-signing-request", "NX-BUS-0002");
    client->publish("ykt.v1.NX-BUS-0001.signing-requests", question.dump());
    // For another's name it is told so.
    wrong = question;
    wrong["request"] = "other";
    wrong["signing_request"] = *crypto::makeSigningRequest("NX-BUS-0002", key);
    ask(world, wrong);
    ask(world, {{"terminal", "NX-BUS-0001"}, {"request", "present"}});
    ask(world, question);
    REQUIRE(client->flush(soon, {}));
    if (!signs) {
        CHECK_FALSE(*client->next(Milliseconds{1'500}, {}));
        return;
    }
    const auto answer = [&] {
        const auto message = client->next(soon, {});
        REQUIRE(message);
        REQUIRE(*message);
        CHECK((*message)->subject == "ykt.v1.NX-BUS-0001.certificates");
        return json::parse((*message)->payload);
    };
    CHECK(answer() ==
          json{{"terminal", "NX-BUS-0001"}, {"request", "other"}, {"refused", "for another name"}});
    CHECK(answer() == json{{"terminal", "NX-BUS-0001"}, {"request", "present"}});
    const auto given = answer();
    CHECK(given["request"] == question["request"]);
    const auto certificate = given["certificate"].get<std::string>();
    CHECK(crypto::publicKeyOf(certificate)->uncompressed() == key.publicKey().uncompressed());
    CHECK(crypto::checkCertificate(certificate, world.pki.caPem(), world.clock.now().wall));
    const auto log = running.told();
    std::size_t unanswered = 0;
    for (auto at = log.find("is not answered"); at != std::string::npos;
         at = log.find("is not answered", at + 1))
        ++unanswered;
    CHECK(unanswered == 6);
}

TEST_CASE(
    "A server killed under the consumer, and the consumer stopped in the middle, settle each record once") {
    World world;
    test::NatsServer server;
    PlayedTerminal terminal;
    constexpr int batches = 60;
    std::vector<std::string> messages;
    for (int i = 0; i < batches; ++i)
        messages.push_back(world.signedBatch(terminal, terminal.batch(5)));
    auto settings = [&] {
        auto quick = world.settings(server);
        quick.fetchAtOnce = 7;
        quick.ackWait =
            Milliseconds{1'000}; // what the server's end left unanswered comes again within this test
        return quick;
    };
    const auto settled = [&] {
        const auto chains = *world.ledger->chains();
        return chains.empty() ? 0 : chains[0].records;
    };
    {
        const auto client = connectTo(server, world.clock);
        REQUIRE(JetStream(*client).ensureStream(world.settings(server).stream, {}));
        for (const auto& message : messages)
            client->publish("ykt.v1.NX-BUS-0001.transactions", message);
        REQUIRE(client->flush(soon, {}));
        REQUIRE((*JetStream(*client).streamInfo("ykt-transactions", {}))->messages == batches);
    }
    {
        RunningConsumer running(world, settings());
        REQUIRE(eventually([&] { return settled() > 30; }));
        server.kill();
        REQUIRE(eventually([&] { return running.told().find("unreachable") != std::string::npos; }));
        server.start();
        REQUIRE(eventually([&] { return settled() > 100; }));
    }
    RunningConsumer running(world, settings());
    CHECK(eventually([&] { return settled() == batches * 5; }));
    CHECK(audit(*world.ledger)->empty());
}

TEST_CASE("A consumer stops within a second, whatever it waits for") {
    World world;
    test::NatsServer server;
    const auto stopsAtOnce = [&](RunningConsumer& running) {
        const auto begin = std::chrono::steady_clock::now();
        running.thread.request_stop();
        running.thread.join();
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});
    };
    {
        RunningConsumer idle(world, world.settings(server));
        idle.connected();
        stopsAtOnce(idle);
    }
    {
        const firmware::courier::SilentListener silent;
        auto settings = world.settings(server);
        settings.servers = {{"127.0.0.1", silent.port}};
        RunningConsumer unanswered(world, std::move(settings));
        REQUIRE(eventually([&] { return silent.hasCaller(); }));
        stopsAtOnce(unanswered);
    }
    server.kill();
    RunningConsumer refused(world, world.settings(server));
    REQUIRE(eventually([&] { return refused.told().find("unreachable") != std::string::npos; }));
    stopsAtOnce(refused);
}

} // namespace ykt::collector
