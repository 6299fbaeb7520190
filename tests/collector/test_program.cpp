// The program as an operator runs it.
#include "collector/sqlite_ledger.h"
#include "crypto/jws.h"
#include "drivers/system/clock.h"
#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/collector/https_client.h"
#include "tests/collector/nats_server.h"
#include "tests/collector/played_terminal.h"
#include "tests/eventually.h"
#include "tests/free_port.h"
#include "tests/temporary_folder.h"

#include <cstdio>
#include <fstream>
#include <sstream>
#include <thread>

namespace ykt::collector {

namespace {

struct Ended {
    int status = -1;
    std::string out; // and errors
};

struct World {
    World() {
        const auto path = folder.path();
        REQUIRE(sim::writeIdentity(path, "server", *pki.serverIdentity()));
        REQUIRE(sim::writePrivateFile(path / "ca.crt", asBytes(pki.caPem())));
        std::ofstream(path / "collector.toml")
            << "ledger = \"sqlite:" << (path / "ledger.db").string() << "\"\n"
            << "[serve]\nlisten = \"127.0.0.1:" << port << "\"\n"
            << "cert = \"" << (path / "server.crt").string() << "\"\n"
            << "key = \"" << (path / "server.key").string() << "\"\n"
            << "ca = \"" << (path / "ca.crt").string() << "\"\n";
    }
    [[nodiscard]] Ended run(const std::string& arguments) const {
        const auto line = std::string(YKT_COLLECTOR) + " --config " +
                          (folder.path() / "collector.toml").string() + " " + arguments + " 2>&1";
        FILE* pipe = ::popen(line.c_str(), "r");
        REQUIRE(pipe);
        Ended ended;
        std::array<char, 4096> buffer{};
        while (const auto got = std::fread(buffer.data(), 1, buffer.size(), pipe))
            ended.out.append(buffer.data(), got);
        ended.status = WEXITSTATUS(::pclose(pipe));
        return ended;
    }
    std::string log() const {
        std::stringstream content;
        content << std::ifstream(folder.path() / "log").rdbuf();
        return content.str();
    }

    drivers::SystemClock clock;
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    test::TemporaryFolder folder;
    std::uint16_t port = test::freePort();
};

} // namespace

TEST_CASE("ykt-collector serves by a file of settings, stops within a second, and shows what it has") {
    const World world;
    PlayedTerminal terminal;
    auto batch = terminal.batch(5);
    batch.records.erase(batch.records.begin() + 2);
    batch.records.back().payload.clear();
    {
        test::ChildProcess program(
            {YKT_COLLECTOR, "serve", "--config", world.folder.path() / "collector.toml"},
            world.folder.path() / "log");
        REQUIRE(test::listens(world.port));
        test::HttpsClient client(world.port, world.pki.caPem(), *world.pki.terminalIdentity(terminal.name),
                                 world.clock);
        REQUIRE(client.exchange(test::http::verb::post, "/v1/transactions", toJson(batch)).result_int() ==
                200);
        PlayedTerminal replaced{terminal.name, 2, 0, {}};
        REQUIRE(client.exchange(test::http::verb::post, "/v1/transactions", toJson(replaced.batch(1)))
                    .result_int() == 200);
        const auto status =
            R"({"terminal":"NX-BUS-0001","version":"0.1.0","locked":false,"time":{"trust":"synced"},)"
            R"("records":{"pending":7,"dead":[[[[[[[[[[1]]]]]]]]]]},"store_error":"store\u001b_full","boot":"\u009b\u007f"})";
        REQUIRE(client.exchange(test::http::verb::post, "/v1/status", status).result_int() == 204);
        program.signal(SIGTERM);
        CHECK(program.endsWithin(std::chrono::seconds{1}));
    }
    CHECK(world.log().find("4 records settled over HTTPS, 1 rejected") != std::string::npos);

    const auto gaps = world.run("gaps");
    CHECK(gaps.status == 1);
    INFO(gaps.out);
    CHECK(gaps.out.find("missing sequences") != std::string::npos);
    CHECK(gaps.out.find("payload digest does not follow from the content") != std::string::npos);
    const auto json = nlohmann::json::parse(world.run("gaps --json").out);
    REQUIRE(json.size() == 2);
    CHECK(json[0]["terminal"] == terminal.name);
    CHECK(json[0]["epoch"] == 1);
    CHECK(json[0]["last_sequence"] == 4);
    CHECK(json[0]["missing"] == nlohmann::json::parse("[[3,3]]"));
    CHECK(json[0]["refused"][0]["sequence"] == 5);
    CHECK(json[1]["epoch"] == 2);
    CHECK(world.run("gaps --terminal NX-BUS-0009").status == 0);

    const auto heard = world.run("status");
    CHECK(heard.status == 1);
    INFO(heard.out);
    CHECK(heard.out.find("0.1.0          7        synced  false   cannot write: store\\u001b_full") !=
          std::string::npos);
    const auto told = nlohmann::json::parse(world.run("status --json").out);
    REQUIRE(told.size() == 1);
    CHECK(told[0]["alarms"].size() == 1);
    CHECK(world.run("status --json").out.find('\x7f') == std::string::npos);
    CHECK(told[0]["status"]["records"]["pending"] == 7);
    CHECK(world.run("status --terminal NX-BUS-0009").status == 0);

    const auto listed = world.run("list --terminal " + terminal.name);
    CHECK(listed.status == 0);
    CHECK(std::ranges::count(listed.out, '\n') == 4);
    CHECK(listed.out.find("NX-BUS-0001-1-4  ") != std::string::npos);
    CHECK(listed.out.find("fare") == std::string::npos); // no payloads
    const auto lines = world.run("list --json").out;
    CHECK(nlohmann::json::parse(lines.substr(0, lines.find('\n')))["sequence"] == 1);
    CHECK(world.run("audit").out == "NX-BUS-0001-1-3 is missing\n");
}

TEST_CASE("ykt-collector takes from a NATS server that knows it by a certificate of its own") {
    const World world;
    const test::NatsServer server(&world.pki);
    REQUIRE(sim::writeIdentity(world.folder.path(), "collector", *world.pki.terminalIdentity("collector")));
    const auto file = [&](const char* name) { return (world.folder.path() / name).string(); };
    test::ChildProcess program({YKT_COLLECTOR, "serve", "--config", file("collector.toml"), "--nats",
                                "127.0.0.1:" + std::to_string(server.address().port), "--nats-ca",
                                file("ca.crt"), "--nats-cert", file("collector.crt"), "--nats-key",
                                file("collector.key")},
                               file("log"));
    NatsSettings settings;
    settings.caPem = world.pki.caPem();
    settings.identity = *world.pki.terminalIdentity("broker");
    const auto client =
        std::move(*NatsClient::connect(server.address(), settings, world.clock, Milliseconds{5'000}, {}));
    client->subscribe("ykt.v1.*.receipts");
    REQUIRE(test::eventually(
        [&] { return world.log().find("taking from ykt-transactions") != std::string::npos; },
        Milliseconds{20'000}));
    const auto made = client->request("$JS.API.STREAM.INFO.ykt-transactions", "", Milliseconds{5'000}, {});
    REQUIRE(made);
    CHECK(nlohmann::json::parse(made->payload)["config"]["max_age"] == 604'800'000'000'000); // a week, in ns

    PlayedTerminal terminal;
    const auto signer = *world.pki.terminalIdentity(terminal.name);
    client->publish("ykt.v1.NX-BUS-0001.transactions",
                    *crypto::signJws("ykt-transactions", asBytes(toJson(terminal.batch(1))),
                                     signer.certificatePem,
                                     *crypto::P256PrivateKey::fromPem(signer.privateKeyPem)));
    const auto receipts = client->next(Milliseconds{10'000}, {});
    INFO(world.log());
    REQUIRE(receipts);
    REQUIRE(*receipts);
    CHECK((*receipts)->payload.find("\"settled\"") != std::string::npos);
    CHECK(world.run("gaps").status == 0);

    CHECK(world.run("unsettled").status == 0);
    const auto ledger = std::move(*SqliteLedger::open(world.folder.path() / "ledger.db", world.clock));
    REQUIRE(ledger->keepUnsettled("ykt.v1.NX-BUS-0001.transactions", "signed by nobody", "for a test"));
    CHECK(world.run("unsettled").status == 1);
    CHECK(world.run("unsettled").out.find("  ykt.v1.NX-BUS-0001.transactions  ") != std::string::npos);
    CHECK(world.run("unsettled").out.find("nobody") == std::string::npos);
}

TEST_CASE("ykt-collector renews certificates for so many days, with a CA's key that nobody else may read") {
    const World world;
    const auto caKey = world.folder.path() / "ca.key";
    REQUIRE(sim::writePrivateFile(caKey, world.pki.caKeyPem().reveal()));
    const std::string terminal = "NX-BUS-0001";
    {
        test::ChildProcess program({YKT_COLLECTOR, "serve", "--config",
                                    world.folder.path() / "collector.toml", "--ca-key", caKey,
                                    "--certificate-days", "90"},
                                   world.folder.path() / "log");
        REQUIRE(test::listens(world.port));
        test::HttpsClient client(world.port, world.pki.caPem(), *world.pki.terminalIdentity(terminal),
                                 world.clock);
        const auto key = crypto::P256PrivateKey::generate().value();
        const nlohmann::json body{{"request", *crypto::makeSigningRequest(terminal, key)}};
        const auto answer = client.exchange(test::http::verb::post, "/v1/certificate", body.dump());
        INFO(world.log());
        REQUIRE(answer.result_int() == 200);
        auto certificate = nlohmann::json::parse(answer.body())["certificate"].get<std::string>();
        const auto now = world.clock.now().wall;
        CHECK(crypto::checkCertificate(certificate, world.pki.caPem(), now));
        const auto end = crypto::readCertificate(certificate)->notAfter;
        CHECK(end > now + std::chrono::hours{24 * 89});
        CHECK(end < now + std::chrono::hours{24 * 91});
        // It is let in with the new one.
        test::HttpsClient renewed(world.port, world.pki.caPem(), {certificate, key.toPem()}, world.clock);
        CHECK(renewed.exchange(test::http::verb::post, "/v1/status", R"({"terminal":"NX-BUS-0001"})")
                  .result_int() == 204);
    }
    CHECK(world.log().find("certificate of NX-BUS-0001: renewed") != std::string::npos);

    const auto refusal = [&] { return world.run("serve --ca-key " + caKey.string()); };
    std::filesystem::permissions(caKey, std::filesystem::perms::group_read,
                                 std::filesystem::perm_options::add);
    CHECK(refusal().status == 3);
    CHECK(refusal().out.find("chmod 600") != std::string::npos);
    REQUIRE(sim::writePrivateFile(caKey, crypto::P256PrivateKey::generate()->toPem().reveal()));
    CHECK(refusal().out.find("not its certificate's key") != std::string::npos);
    CHECK(world.run("serve --certificate-days 0").status == 2);
}

TEST_CASE("ykt-collector says what it cannot use, and how it ends because of it") {
    const World world;
    CHECK(world.run("").status == 2);
    CHECK(world.run("fly").status == 2);
    CHECK(world.run("--help").status == 0);
    CHECK(world.run("serve --help").out.find("--nats") != std::string::npos);
    CHECK(world.run("--ledger mysql:x gaps").status == 3);
    CHECK(world.run("--ledger sqlite:/nowhere/x gaps").status == 3);
    CHECK(world.run("gaps").status == 3); // there is no ledger yet, and looking makes none
    CHECK_FALSE(std::filesystem::exists(world.folder.path() / "ledger.db"));
    CHECK(world.run("--ledger postgresql:host=/nowhere gaps").status == 3);
    CHECK(world.run("serve --listen nowhere").status == 3);
    CHECK(world.run("serve --key /nowhere").out.find("/nowhere") != std::string::npos);
    std::ofstream(world.folder.path() / "collector.toml", std::ios::app) << "colour = \"red\"\n";
    CHECK(world.run("gaps").status == 2);
}

} // namespace ykt::collector
