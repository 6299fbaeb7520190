// A store, a courier and a simulated back office on this machine's loopback.
#pragma once

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/courier/courier.h"
#include "firmware/courier/https_upstream.h"
#include "offline_store/store.h"
#include "sim/back_office/back_office.h"
#include "sim/bulletins.h"
#include "sim/pki.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <thread>

namespace ykt::firmware::courier {

constexpr auto terminalName = "NX-BUS-0001";

#ifdef __SANITIZE_THREAD__ // it stops at the threads in which the C library looks up names
constexpr bool canLookUpNames = false;
#else
constexpr bool canLookUpNames = true;
#endif

using test::eventually;

struct Fixture {
    Fixture()
        : pki(*sim::Pki::create(clock.now().wall)), publisher(*sim::BulletinPublisher::create()),
          storeKey(*crypto::randomSecret(32)), store(openStore()) {
        sim::BackOfficeOptions options;
        options.ledgerFile = folder.path() / "ledger.db";
        options.caPem = pki.caPem();
        options.identity = *pki.serverIdentity();
        options.sign = [this](const crypto::SigningRequest& request) { return pki.sign(request); };
        backOffice = std::move(*sim::BackOffice::start(std::move(options), clock));
        quick.firstBackoff = Milliseconds{20};
        quick.longestBackoff = Milliseconds{100};
        quick.deferral = Milliseconds{50};
        quick.bulletinInterval = Milliseconds{100};
    }

    [[nodiscard]] std::filesystem::path storeFile() const { return folder.path() / "store.db"; }
    [[nodiscard]] std::unique_ptr<offline_store::Store> openStore() const {
        return std::move(
            *offline_store::Store::open({storeFile(), terminalName, {}}, storeKey.clone(), clock));
    }
    [[nodiscard]] HttpsUpstreamSettings httpsSettings() const {
        HttpsUpstreamSettings settings;
        settings.host = "127.0.0.1";
        settings.port = backOffice->port();
        settings.caPem = pki.caPem();
        settings.identity = *pki.terminalIdentity(terminalName);
        return settings;
    }
    [[nodiscard]] std::unique_ptr<HttpsUpstream> https() const {
        return std::move(*HttpsUpstream::create(httpsSettings(), clock));
    }

    void append(int count, const std::string& kind = "ride") const {
        for (int i = 0; i < count; ++i)
            REQUIRE(store->append({offline_store::RecordClass::money, kind, toBytes(R"({"fare":100})"), {}}));
    }
    [[nodiscard]] std::vector<offline_store::Record> leaseAll() const {
        return std::move(*store->lease(1000, 1'000'000, Milliseconds{60'000}));
    }
    [[nodiscard]] offline_store::Store::Counts counts() const { return *store->counts(); }
    [[nodiscard]] bool allAcknowledged(std::uint64_t count) const { return counts().acknowledged == count; }

    [[nodiscard]] Bytes bulletin(const std::string& kind, std::uint64_t version,
                                 const std::string& body = "{}") const {
        const auto now = clock.now().wall;
        return *publisher.publish(kind, version, now - std::chrono::hours{1}, now + std::chrono::hours{1},
                                  body);
    }

    test::TemporaryFolder folder;
    drivers::SystemClock clock;
    sim::Pki pki;
    sim::BulletinPublisher publisher;
    Secret storeKey;
    std::unique_ptr<offline_store::Store> store;
    std::unique_ptr<sim::BackOffice> backOffice;
    CourierSettings quick;
};

// A courier that runs from here to the end of the scope.
struct RunningCourier {
    RunningCourier(Fixture& fixture, Upstream& upstream)
        : courier(*fixture.store, upstream, fixture.clock, fixture.publisher.publicKey(), fixture.quick),
          thread([this](const std::stop_token& stop) {
              courier.run(stop, [this](std::string_view kind) {
                  const std::scoped_lock lock(mutex);
                  installed.emplace_back(kind);
              });
          }) {}
    [[nodiscard]] std::vector<std::string> installedKinds() {
        const std::scoped_lock lock(mutex);
        return installed;
    }

    std::mutex mutex;
    std::vector<std::string> installed;
    Courier courier;
    std::jthread thread;
};

} // namespace ykt::firmware::courier
