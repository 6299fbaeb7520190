// The terminal put together as yktd does it, of each profile that is shipped, with simulated readers and no
// back office; and what it says when it cannot be.
#include "firmware/assembly.h"

#include "drivers/simulated/actuation_log.h"
#include "drivers/simulated/reader.h"
#include "drivers/system/clock.h"
#include "firmware/devices.h"
#include "firmware/panel/http_client.h"
#include "sim/bulletins.h"
#include "sim/codes/code_issuer.h"
#include "tests/config/profile_folder.h"
#include "tests/eventually.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

using namespace ykt;
using namespace ykt::firmware;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

struct AssemblyFixture : test::ProfileFolder {
    AssemblyFixture() {
        test::fs::create_directory(at("state"));
        test::fs::create_directory(at("frames"));
        write("keys/publisher.pub", toHex(publisher.publicKey().compressed()) + "\n");
    }

    Result<std::unique_ptr<Assembly>> start(const std::string& profile) {
        auto settings = config::load(at(profile));
        if (!settings)
            return failWith(settings);
        Hardware hardware{
            clock, clock, {}, nullptr, {}, {}, {actuations.gate(), actuations.light(), actuations.sound()}};
        const auto reader = [&](hal::SlotKind kind) {
            return std::make_shared<drivers::SimulatedReader>(hal::ReaderInfo{"simulated", kind}, clock);
        };
        for (const auto& card : settings->cardReaders)
            hardware.cardReaders.push_back(reader(card.kind.value_or(hal::SlotKind::contactless)));
        hardware.cameras = makeCameras(settings->cameras, clock);
        hardware.scanners = makeScanners(settings->scanners, clock);
        return Assembly::start(std::move(*settings), std::move(hardware));
    }

    std::unique_ptr<Assembly> started(const std::string& profile) {
        auto assembly = start(profile);
        INFO((assembly ? std::string("started") : explain(assembly.error())));
        REQUIRE(assembly);
        return std::move(*assembly);
    }

    // What yktd would say.
    std::string complaint(const std::string& profile) {
        const auto assembly = start(profile);
        REQUIRE_FALSE(assembly);
        return explain(assembly.error());
    }

    [[nodiscard]] json status() const {
        const auto answer = panel::ask(socket, "GET", "/v1/status", {}, 10s);
        REQUIRE(answer);
        REQUIRE(answer->status == 200);
        return json::parse(answer->body);
    }

    void install(Assembly& assembly, const std::string& kind, const std::string& body) const {
        const auto now = clock.now().wall;
        const auto bulletin = publisher.publish(kind, 1, now - 1h, now + 1h, body);
        REQUIRE(bulletin);
        REQUIRE(assembly.store().install(*bulletin, publisher.publicKey()));
    }

    drivers::SystemClock clock;
    drivers::ActuationLog actuations{clock};
    sim::BulletinPublisher publisher = sim::BulletinPublisher::create().value();
    test::fs::path socket = at("state/panel.sock");
};

// Files of this process may not grow beyond `bytes`, as on a disk without room.
class NoRoom {
  public:
    explicit NoRoom(rlim_t bytes) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~NoRoom() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        (void)std::signal(SIGXFSZ, signal_);
    }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;

  private:
    rlimit before_{};
    void (*signal_)(int) = std::signal(SIGXFSZ, SIG_IGN);
};

using Catch::Contains;

} // namespace

TEST_CASE_METHOD(AssemblyFixture, "each shipped profile is a terminal, ready once its lists are in force") {
    struct Shipped {
        std::string profile, terminal, service;
        std::vector<std::string> lanes;
    };
    const auto shipped = GENERATE(values<Shipped>(
        {{"bus.toml", "NX-BUS-0001", "bus.ride", {"card-1", "code-1"}},
         {"gate.toml", "NX-GATE-0001", "library.entry", {"card-1", "code-1"}},
         {"kiosk.toml", "NX-KIOSK-0001", "hospital.outpatient_registration", {"card-1", "code-1"}},
         {"pharmacy.toml", "NX-PHARM-0001", "pharmacy.purchase", {"card-1", "card-2", "code-1"}}}));
    CAPTURE(shipped.profile);
    {
        const auto first = started(shipped.profile);
        CHECK(status().at("terminal") == shipped.terminal);
        CHECK(status().at("service") == shipped.service);
        CHECK(status().at("ready") == false); // no catalogue
        std::ifstream catalogue(test::sourceDir() / "firmware/profiles/catalogue.json");
        install(*first, "catalogue", std::string(std::istreambuf_iterator<char>(catalogue), {}));
        install(*first, "trust_anchors", sim::CodeIssuer::create()->anchorsBody());
    }
    CHECK_FALSE(test::fs::exists(socket)); // stopped, and nothing is left behind
    const auto second = started(shipped.profile);
    REQUIRE(test::eventually([&] { return status().at("ready") == true; }));
    const auto now = status();
    std::vector<std::string> lanes;
    for (const auto& [lane, state] : now.at("lanes").items()) {
        lanes.push_back(lane);
        CHECK(state == "ready");
    }
    CHECK(lanes == shipped.lanes);
    CHECK(now.at("lists").at("catalogue").at("version") == 1); // as it was before
    REQUIRE(test::eventually([&] { return status().at("link") == "offline"; }));
    CHECK_THAT(status().at("upstream_error").get<std::string>(), Contains("unreachable"));
}

TEST_CASE_METHOD(AssemblyFixture,
                 "a clock behind the time that the store remembers is suspect after a restart") {
    const auto later = unixMilliseconds(clock.now().wall + std::chrono::days{10});
    {
        const auto first = started("bus.toml");
        CHECK(status().at("time").at("trust") != "suspect");
        REQUIRE(first->store().rememberTime());
    }
    SQLite::Database(config::load(at("bus.toml"))->store.path, SQLite::OPEN_READWRITE)
        .exec("INSERT OR REPLACE INTO setting VALUES ('latest_known_ms', " + std::to_string(later) + ")");
    const auto second = started("bus.toml");
    CHECK(status().at("time").at("trust") == "suspect");
}

TEST_CASE_METHOD(AssemblyFixture, "a profile or a key file that is not in order is named with its line") {
    test::fs::remove(at("keys/kek.key"));
    const auto line = std::to_string(lineOf("bus.toml", "kek = "));
    CHECK_THAT(complaint("bus.toml"),
               Contains("config_value") && Contains("bus.toml:" + line + ": keys.kek") &&
                   Contains(at("keys/kek.key").string()) && Contains("No such file or directory"));
    change("gate.toml", "[store]", "[stores]");
    CHECK_THAT(complaint("gate.toml"), Contains("config_value") && Contains("stores"));
    write("kiosk.toml", "[terminal\n");
    CHECK_THAT(complaint("kiosk.toml"), Contains("config_syntax") && Contains("kiosk.toml:1"));
    CHECK_THAT(complaint("nowhere.toml"), Contains("config_unreadable") && Contains("nowhere.toml"));
}

TEST_CASE_METHOD(AssemblyFixture, "a terminal whose keys are gone does not begin anew on its database") {
    started("bus.toml").reset();
    test::fs::rename(at("state/terminal.keys"), at("keys.away"));
    CHECK_THAT(complaint("bus.toml"), Contains("key_store_failed") && Contains("terminal.keys is missing") &&
                                          Contains("restore it"));
    test::fs::rename(at("keys.away"), at("state/terminal.keys"));
    write("keys/kek.key", toHex(Bytes(32, 7)));
    CHECK_THAT(complaint("bus.toml"), Contains("key_store_failed") && Contains("another file than the one"));
    write("keys/kek.key", toHex(kek));
    started("bus.toml");
}

TEST_CASE_METHOD(AssemblyFixture, "a panel socket that another program serves is left to it") {
    const auto other = panel::HttpService::start(socket, [](const panel::HttpRequest&, bool) {
        return panel::HttpAnswer{200, "other"};
    });
    REQUIRE(other);
    CHECK_THAT(complaint("bus.toml"),
               Contains("config_value") && Contains("another program serves " + socket.string()));
    CHECK(panel::ask(socket, "GET", "/", {}, 10s)->body == "other");
}

TEST_CASE_METHOD(AssemblyFixture, "a folder that is not there, or cannot be written, is named") {
    test::fs::remove(at("state"));
    CHECK_THAT(complaint("bus.toml"), Contains("key_store_failed") && Contains(at("state").string()) &&
                                          Contains("No such file or directory"));
    write("state", "a file");
    CHECK_THAT(complaint("bus.toml"), Contains(at("state").string()) && Contains("Not a directory"));
    test::fs::remove(at("state"));
    test::fs::create_directory(at("state"));
    {
        const NoRoom none(0);
        CHECK_THAT(complaint("bus.toml"), Contains("key_store_failed") && Contains(at("state").string()) &&
                                              Contains("File too large"));
    }
    started("bus.toml").reset();
    test::fs::remove(at("state/ykt.db"));
    test::fs::remove(at("state/ykt.db-wal"));
    {
        const NoRoom little(4096); // for the keys and not for the database
        CHECK_THAT(complaint("bus.toml"), Contains("store_") && Contains("ykt.db"));
    }
    started("bus.toml"); // when there is room it is as if nothing had been
}
