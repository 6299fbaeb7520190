#include "collector/receiver.h"
#include "collector/sqlite_ledger.h"
#include "sim/pki.h"
#include "tests/collector/https_client.h"
#include "tests/collector/played_terminal.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

#include <fstream>
#include <thread>

namespace ykt::collector {

namespace {

using test::http::field;
using test::http::verb;

struct World {
    explicit World(HttpLimits limits = {})
        : server(
              *crypto::TlsServer::create(pki.caPem(), *pki.serverIdentity(), clock), clock,
              [this](const auto& request, const auto&) { return receiver.answer(request); }, limits) {
        port = server.listen(0).value();
    }
    test::HttpsClient client(const std::string& terminal = "NX-BUS-0001") const {
        return {port, pki.caPem(), *pki.terminalIdentity(terminal), clock};
    }
    void write(const std::string& file, const std::string& content) const {
        std::filesystem::create_directories((folder.path() / file).parent_path());
        std::ofstream(folder.path() / file, std::ios::binary) << content;
    }

    hal::ManualClock clock{wallFromUnixMilliseconds(1'795'000'000'000)};
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    test::TemporaryFolder folder;
    std::unique_ptr<SqliteLedger> ledger = std::move(*SqliteLedger::open(folder.path() / "ledger.db", clock));
    bool signs = true;
    Receiver receiver{*ledger,
                      {folder.path() / "bulletins", folder.path() / "attachments"},
                      [this](const crypto::SigningRequest& request) -> Result<std::string> {
                          if (!signs)
                              return fail(Reason::crypto_failed);
                          return pki.sign(request);
                      }};
    HttpServer server;
    std::uint16_t port = 0;
};

} // namespace

TEST_CASE("A batch over HTTPS is settled and answered, for the terminal of the certificate only") {
    World world;
    PlayedTerminal terminal;
    auto batch = terminal.batch(3);
    batch.records[1].payload.clear();
    auto client = world.client();
    const auto answer = client.exchange(verb::post, "/v1/transactions", toJson(batch));
    CHECK(answer.result_int() == 200);
    CHECK(answer[field::date] == "Wed, 18 Nov 2026 11:06:40 GMT");
    const auto receipts = nlohmann::json::parse(answer.body())["receipts"];
    REQUIRE(receipts.size() == 3);
    CHECK(receipts[0]["sequence"] == 1);
    CHECK(receipts[0]["verdict"] == "settled");
    CHECK(receipts[1]["verdict"] == "rejected");
    CHECK(receipts[1]["note"] == "payload digest does not follow from the content");
    CHECK(client.exchange(verb::post, "/v1/transactions", toJson(batch)).body() == answer.body());
    CHECK(world.receiver.settledRecords() == 4);
    CHECK(world.receiver.rejectedRecords() == 2);

    auto stranger = world.client("NX-BUS-0002");
    CHECK(stranger.exchange(verb::post, "/v1/transactions", toJson(batch)).result_int() == 403);
    CHECK(stranger.exchange(verb::post, "/v1/transactions", "{}").result_int() == 400);
    CHECK(stranger.exchange(verb::get, "/v1/transactions").result_int() == 405);
    CHECK(stranger.exchange(verb::get, "/v2").result_int() == 404);
    CHECK(world.ledger->chains()->size() == 1);
}

TEST_CASE("A client without a certificate of the terminals' CA is not spoken to") {
    World world;
    const auto other = *sim::Pki::create(world.clock.now().wall, "Another CA");
    auto tls =
        *crypto::TlsClient::create(world.pki.caPem(), *other.terminalIdentity("NX-BUS-0001"), world.clock);
    CHECK_FALSE(tls.connect("127.0.0.1", world.port, Milliseconds{10'000}, {}));
}

TEST_CASE("A status is kept, and only of who sends it") {
    World world;
    auto client = world.client();
    CHECK(client.exchange(verb::post, "/v1/status", R"({"terminal":"NX-BUS-0001","epoch":1})").result_int() ==
          204);
    CHECK(client.exchange(verb::post, "/v1/status", R"({"terminal":"NX-BUS-0002"})").result_int() == 403);
    CHECK(client.exchange(verb::post, "/v1/status", R"({"terminal":7})").result_int() == 403);
    CHECK(client.exchange(verb::post, "/v1/status", "[]").result_int() == 400);
    CHECK(client.exchange(verb::post, "/v1/status", std::string(70'000, ' ')).result_int() == 413);
    REQUIRE(world.ledger->statuses()->size() == 1);
    CHECK(world.ledger->statuses()->at(0).status == R"({"terminal":"NX-BUS-0001","epoch":1})");
}

TEST_CASE("The newest bulletin is served from its folder, as a delta to who has what it changes") {
    World world;
    auto client = world.client();
    const auto get = [&](const std::string& path, const std::string& etag = {}) {
        return client.exchange(verb::get, "/v1/bulletins/" + path, {}, {{field::if_none_match, etag}});
    };
    CHECK(get("catalogue?above=0").result_int() == 204);
    world.write("bulletins/catalogue/9", "nine");
    world.write("bulletins/catalogue/10", "ten");
    world.write("bulletins/catalogue/10.from-9", "ten from nine");
    world.write("bulletins/catalogue/11.tmp", "not yet");
    const auto whole = get("catalogue?above=0");
    CHECK(whole.body() == "ten");
    CHECK(get("catalogue?above=8").body() == "ten");
    const auto delta = get("catalogue?above=9");
    CHECK(delta.body() == "ten from nine");
    CHECK(delta[field::etag] != whole[field::etag]);
    CHECK(get("catalogue?above=10").result_int() == 204);
    CHECK(get("catalogue?above=0", std::string(whole[field::etag])).result_int() == 304);
    CHECK(get("catalogue?above=0", "\"old\"").result_int() == 200);
    for (const auto* wrong :
         {"catalogue", "catalogue?above=x", "catalogue?above=", "../attachments?above=0", "..?above=0",
          "?above=0", "a/b?above=0", "catalogue?above=99999999999999999999"})
        CHECK(get(wrong).result_int() == 400);
}

TEST_CASE("A file that a bulletin names comes in parts") {
    World world;
    auto client = world.client();
    const std::string name(64, 'a');
    world.write("attachments/" + name, "0123456789");
    const auto get = [&](const std::string& file, const std::string& range) {
        return client.exchange(verb::get, "/v1/attachments/" + file, {}, {{field::range, range}});
    };
    const auto part = get(name, "bytes=2-5");
    CHECK(part.result_int() == 206);
    CHECK(part.body() == "2345");
    CHECK(part[field::content_range] == "bytes 2-5/10");
    CHECK(get(name, "bytes=8-100").body() == "89");
    CHECK(get(name, "bytes=9-").body() == "9");
    for (const auto* wrong :
         {"bytes=10-12", "bytes=5-4", "bytes=-3", "bytes=", "bytes=0-1,4-5", "lines=0-1", ""})
        CHECK(get(name, wrong).result_int() == 416);
    CHECK(get(std::string(64, 'b'), "bytes=0-1").result_int() == 404);
    CHECK(get("../ledger.db", "bytes=0-1").result_int() == 404);
    CHECK(get("..%2Fledger.db", "bytes=0-1").result_int() == 404);
}

TEST_CASE("A certificate is signed for the name of the connection's, and for no other") {
    World world;
    auto client = world.client();
    const auto key = crypto::P256PrivateKey::generate().value();
    const auto ask = [&](const nlohmann::json& body) {
        return client.exchange(verb::post, "/v1/certificate", body.dump());
    };
    const auto request = [&](const std::string& name) {
        return nlohmann::json{{"request", *crypto::makeSigningRequest(name, key)}};
    };
    const auto answer = ask(request("NX-BUS-0001"));
    REQUIRE(answer.result_int() == 200);
    const auto certificate = nlohmann::json::parse(answer.body())["certificate"].get<std::string>();
    CHECK(crypto::publicKeyOf(certificate)->uncompressed() == key.publicKey().uncompressed());
    CHECK(crypto::readCertificate(certificate)->commonName == "NX-BUS-0001");

    CHECK(ask(request("NX-BUS-0002")).result_int() == 403);
    for (const auto& wrong : {nlohmann::json{{"request", "none"}}, nlohmann::json{{"request", 7}},
                              nlohmann::json{{"request", std::string(9'000, ' ')}}, nlohmann::json::object(),
                              nlohmann::json::array()})
        CHECK(ask(wrong).result_int() == 400);
    CHECK(client.exchange(verb::get, "/v1/certificate").result_int() == 405);
    world.signs = false;
    CHECK(ask(request("NX-BUS-0001")).result_int() == 500);

    Receiver without(*world.ledger, {});
    CHECK(without.answer({"NX-BUS-0001", "POST", "/v1/certificate", request("NX-BUS-0001").dump()}).status ==
          404);
}

TEST_CASE("Sizes and times are bounded") {
    HttpLimits limits;
    limits.bodyBytes = 1'000;
    limits.exchange = Milliseconds{300};
    World world(limits);
    auto client = world.client();
    CHECK(client.exchange(verb::post, "/v1/transactions", std::string(1'000, ' ')).result_int() == 400);
    CHECK(client.exchange(verb::post, "/v1/transactions", std::string(3'000'000, ' ')).result_int() == 413);
    auto slow = world.client();
    slow.stream().setDeadline(Milliseconds{10'000}, {});
    REQUIRE(slow.stream().writeSome(asBytes("POST /v1/trans")));
    ByteArray<16> answer{};
    CHECK(slow.stream().readSome(answer).value_or(0) == 0); // the server has lost patience
}

TEST_CASE("Connections are bounded, and those that have ended do not count") {
    HttpLimits limits;
    limits.connections = 2;
    World world(limits);
    const auto admitted = [&](crypto::TlsClient& tls) {
        return tls.connect("127.0.0.1", world.port, Milliseconds{10'000}, {});
    };
    auto tls = *crypto::TlsClient::create(world.pki.caPem(), *world.pki.terminalIdentity("NX-BUS-0001"),
                                          world.clock);
    {
        const auto first = admitted(tls);
        const auto second = admitted(tls);
        REQUIRE(first);
        REQUIRE(second);
        CHECK_FALSE(admitted(tls));
    }
    // Once the server has seen them end.
    CHECK(test::eventually([&] { return admitted(tls).has_value(); }, Milliseconds{5'000}));
}

TEST_CASE("The server ends within a second, whatever its connections do") {
    World world;
    auto idle = world.client();
    auto half = world.client();
    half.stream().setDeadline(Milliseconds{10'000}, {});
    REQUIRE(half.stream().writeSome(asBytes("POST /v1/trans")));
    const auto begin = std::chrono::steady_clock::now();
    world.server.close();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{1});
}

} // namespace ykt::collector
