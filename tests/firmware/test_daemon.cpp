// The daemon itself: on a store whose file is overwritten while it works it ends, and started again it
// delivers what was in it; told to end, it does so whatever it waits for.
#include "base/hex.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/config/settings.h"
#include "firmware/keys/start_up.h"
#include "firmware/panel/http_client.h"
#include "offline_store/store.h"
#include "sim/back_office/back_office.h"
#include "sim/bulletins.h"
#include "sim/pki.h"
#include "tests/child_process.h"
#include "tests/courier/silent_listener.h"
#include "tests/eventually.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::firmware;
using test::eventually;

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t records = 600;

// A gate without readers, its back office, and a store full of money that nobody has fetched.
struct Gate {
    test::TemporaryFolder folder;
    drivers::SystemClock clock;
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    std::unique_ptr<sim::BackOffice> backOffice;
    fs::path profile = folder.path() / "gate.toml";

    // Told to deliver to that port, if not to its back office.
    explicit Gate(std::optional<std::uint16_t> upstreamPort = {}) {
        for (const auto* part : {"keys", "state", "frames"})
            fs::create_directories(folder.path() / part);
        sim::BackOfficeOptions options;
        options.ledgerFile = folder.path() / "ledger.db";
        options.caPem = pki.caPem();
        options.identity = *pki.serverIdentity();
        backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
        REQUIRE(backOffice->setReachable(false));
        writeProfile(upstreamPort.value_or(backOffice->port()));
        fillStore();
    }

    void writeProfile(std::uint16_t upstreamPort) const {
        std::ifstream in(test::sourceDir() / "firmware/profiles/gate.toml");
        std::string text(std::istreambuf_iterator<char>(in), {});
        text.erase(text.find("[readers]"), text.find("[[cameras]]") - text.find("[readers]"));
        const std::string url = "localhost:8443";
        text.replace(text.find(url), url.size(), "localhost:" + std::to_string(upstreamPort));
        const auto keys = folder.path() / "keys";
        const auto random = [] { return toHex(crypto::randomSecret(32)->reveal()); };
        REQUIRE(sim::writePrivateFile(profile, asBytes(text)));
        REQUIRE(sim::writePrivateFile(keys / "upstream-ca.crt", asBytes(pki.caPem())));
        REQUIRE(sim::writeIdentity(keys, "terminal", *pki.terminalIdentity("NX-GATE-0001")));
        REQUIRE(sim::writePrivateFile(keys / "kek.key", asBytes(random())));
        REQUIRE(sim::writePrivateFile(keys / "pseudonym.key", asBytes(random())));
        const auto publisher = *sim::BulletinPublisher::create();
        REQUIRE(sim::writePrivateFile(keys / "publisher.pub",
                                      asBytes(toHex(publisher.publicKey().uncompressed()))));
    }

    void fillStore() const {
        const auto settings = config::load(profile);
        REQUIRE(settings);
        const auto keys = keys::openKeys(settings->keys, settings->store.path, clock.now().wall);
        REQUIRE(keys);
        const auto store =
            offline_store::Store::open({storeFile(), "NX-GATE-0001", {}}, *(*keys)->dataKeys(), clock);
        REQUIRE(store);
        for (std::uint64_t i = 0; i < records; ++i)
            REQUIRE((*store)->append(
                {offline_store::RecordClass::money,
                 "ride",
                 toBytes(R"({"fare":100,"filler":")" + toHex(*crypto::randomBytes(100)) + "\"}"),
                 {}}));
    }

    [[nodiscard]] fs::path storeFile() const { return folder.path() / "state" / "ykt.db"; }
    [[nodiscard]] Result<panel::HttpAnswer> ask(std::string_view method, std::string_view target) const {
        return panel::ask(folder.path() / "state" / "panel.sock", method, target, "", Milliseconds{10'000});
    }
    [[nodiscard]] nlohmann::json status() const {
        const auto answer = ask("GET", "/v1/status");
        return answer ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json();
    }
    [[nodiscard]] test::ChildProcess startDaemon() const {
        return test::ChildProcess({YKT_YKTD, "--profile", profile.string()}, folder.path() / "yktd.log");
    }
};

} // namespace

TEST_CASE(
    "a store that is damaged while the terminal works ends it, and the next start delivers what was in it") {
    const Gate gate;
    {
        auto daemon = gate.startDaemon();
        REQUIRE(eventually([&] { return gate.status().is_object(); }));
        std::fstream file(gate.storeFile(), std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(100 * 1024);
        file << std::string(10 * 1024, '\x5a') << std::flush;
        (void)gate.ask("POST", "/v1/keys/prune"); // which reads the whole journal, and meets the damage
        REQUIRE(daemon.endsWithin(std::chrono::seconds{10}));
        CHECK(daemon.exitCode() == 5);
    }
    REQUIRE(gate.backOffice->setReachable(true));
    auto daemon = gate.startDaemon();
    std::uint64_t salvaged = 0;
    REQUIRE(eventually([&] {
        const auto status = gate.status();
        if (!status.is_object() || status["journal"]["salvaged"] != 0 || status["journal"]["pending"] != 0)
            return false;
        salvaged = status["replaced"]["salvaged"].get<std::uint64_t>();
        CHECK(status["replaced"]["unreadable"].get<std::uint64_t>() + salvaged == records);
        return true;
    }));
    const auto rows = gate.backOffice->rows();
    CHECK(salvaged > records * 8 / 10);
    CHECK(static_cast<std::uint64_t>(std::ranges::count(rows, 1U, &sim::LedgerRow::epoch)) == salvaged);
    daemon.signal(SIGTERM);
    REQUIRE(daemon.endsWithin(std::chrono::seconds{10}));
    CHECK(daemon.exitCode() == 0);
}

// Under the address sanitizer the end takes its own time; a connection's time-out would take 5 s.
#ifdef __SANITIZE_ADDRESS__
constexpr std::chrono::seconds soon{3};
#else
constexpr std::chrono::seconds soon{1};
#endif

TEST_CASE("the daemon ends within a second while its back office says nothing") {
    const firmware::courier::SilentListener silent;
    const Gate gate(silent.port);
    auto daemon = gate.startDaemon();
    REQUIRE(eventually([&] { return silent.hasCaller() && gate.status().is_object(); }));
    daemon.signal(SIGTERM);
    REQUIRE(daemon.endsWithin(soon));
    CHECK(daemon.exitCode() == 0);
}
