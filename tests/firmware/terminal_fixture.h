// A terminal on a real store in a temporary folder, with lists installed, gates that remember, and a world's
// issuers.
#pragma once

#include "base/hex.h"
#include "crypto/random.h"
#include "drivers/simulated/actuation_log.h"
#include "firmware/terminal/terminal.h"
#include "sim/bulletins.h"
#include "sim/cards/card_issuer.h"
#include "sim/codes/code_issuer.h"
#include "tests/source_dir.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ykt::test {

// A clock that lanes read while the test moves it.
class SharedClock : public hal::Clock {
  public:
    [[nodiscard]] Instant now() const override {
        const std::lock_guard lock(mutex_);
        return clock_.now();
    }
    void advance(Milliseconds by) {
        const std::lock_guard lock(mutex_);
        clock_.advance(by);
    }
    void step(std::chrono::hours by, TimeTrust trust) { // of the wall clock alone
        const std::lock_guard lock(mutex_);
        clock_.stepWall(clock_.now().wall + by);
        clock_.setTrust(trust);
    }
    void reboot() {
        const std::lock_guard lock(mutex_);
        clock_.reboot();
    }

  private:
    mutable std::mutex mutex_;
    hal::ManualClock clock_{wallFromUnixSeconds(1'790'000'000)};
};

class TerminalFixture {
  public:
    explicit TerminalFixture(offline_store::StoreLimits limits = {}, bool installLists = true) {
        storeOptions.file = folder.path() / "ykt.db";
        storeOptions.terminal = "NX-TEST-0001";
        storeOptions.limits = limits;
        openStore();
        if (installLists) {
            install("catalogue", catalogueBody());
            install("revocation", nlohmann::json{{"entries", nlohmann::json::array()}}.dump());
            install("trust_anchors", codes.anchorsBody());
        }
        startTerminal();
    }

    void openStore() {
        auto opened = offline_store::Store::open(storeOptions, dataKey.clone(), clock);
        REQUIRE(opened);
        store = std::move(*opened);
    }

    void startTerminal() {
        terminal = std::make_unique<firmware::terminal::Terminal>(
            firmware::policy::ServiceRequest{"bus.ride", "transport", 200, false}, *store,
            firmware::terminal::Actuators{*gate, *light, actuations.sound()}, clock, links());
        REQUIRE(terminal->reloadBulletins());
    }

    void install(const std::string& kind, const std::string& body) {
        const auto now = clock.now().wall;
        const auto bulletin = publisher.publish(kind, ++version, now - std::chrono::hours(1),
                                                now + std::chrono::hours(24 * 30), body);
        REQUIRE(bulletin);
        REQUIRE(store->install(*bulletin, publisher.publicKey()));
    }

    static std::string catalogueBody() {
        std::ifstream in(test::sourceDir() / "firmware/profiles/catalogue.json");
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    std::uint64_t recorded() const {
        const auto counts = store->counts();
        REQUIRE(counts);
        return counts->pending + counts->leased + counts->acknowledged + counts->dead;
    }

    std::size_t gateOpenings() const {
        std::size_t openings = 0;
        for (const auto& actuation : actuations.all())
            openings += actuation.actuator == "gate" ? 1U : 0U;
        return openings;
    }

    // The next outcome after `number`, within ten seconds.
    firmware::terminal::Outcome outcomeAfter(std::uint64_t number) {
        std::unique_lock lock(mutex);
        const bool came = changed.wait_for(lock, std::chrono::seconds(10),
                                           [&] { return terminal->outcomes().newest() > number; });
        REQUIRE(came);
        return terminal->outcomes().after(number).front();
    }

    TemporaryFolder folder;
    SharedClock clock;
    sim::BulletinPublisher publisher = sim::BulletinPublisher::create().value();
    sim::CardIssuer cards = sim::CardIssuer::create().value();
    sim::CodeIssuer codes = sim::CodeIssuer::create().value();
    Secret pseudonymKey = crypto::randomSecret(32).value();
    drivers::ActuationLog actuations{clock};
    hal::Gate* gate = &actuations.gate();
    hal::Light* light = &actuations.light();
    std::uint64_t version = 0;
    Secret dataKey = crypto::randomSecret(32).value();
    offline_store::StoreOptions storeOptions;
    std::unique_ptr<offline_store::Store> store;
    std::mutex mutex;
    std::condition_variable changed;
    std::unique_ptr<firmware::terminal::Terminal> terminal;

  private:
    firmware::terminal::Terminal::Links links() {
        return {.lists =
                    [](WallTime) {
                        return firmware::policy::Lists{true, std::chrono::seconds(5)};
                    },
                .recorded = [] {},
                .changed =
                    [this] {
                        const std::lock_guard lock(mutex);
                        changed.notify_all();
                    }};
    }
};

} // namespace ykt::test
