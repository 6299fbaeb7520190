// Many terminals in one program: each with its own store, upstream and courier.
#pragma once

#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/courier/courier.h"
#include "firmware/courier/mqtt_upstream.h"
#include "offline_store/store.h"
#include "tests/fleet/cluster.h"

#include <thread>

namespace ykt::test {

inline std::string terminalName(std::size_t number) {
    return "NX-BUS-" + std::to_string(1'000 + number);
}

inline std::vector<std::string> terminalNames(std::size_t count) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < count; ++i)
        names.push_back(terminalName(i));
    return names;
}

class FleetTerminal {
  public:
    using SettleOn = firmware::courier::MqttUpstreamSettings::SettleOn;

    FleetTerminal(const std::string& name, const Cluster& cluster, const sim::Pki& pki,
                  const crypto::Sm2PublicKey& publisher, const std::filesystem::path& folder,
                  SettleOn settleOn)
        : store_(std::move(*offline_store::Store::open({folder / (name + ".db"), name, {}},
                                                       *crypto::randomSecret(32), clock_))),
          upstream_(makeUpstream(name, cluster, pki, settleOn)),
          courier_(*store_, *upstream_, clock_, publisher, settings()),
          thread_([this](const std::stop_token& stop) { courier_.run(stop, [](std::string_view) {}); }) {}

    // Whether it was: a terminal that is full or broken says no.
    bool append() {
        const auto appended =
            store_->append({offline_store::RecordClass::money, "ride", toBytes(R"({"fare":100})"), {}});
        courier_.wake();
        return appended.has_value();
    }
    [[nodiscard]] std::uint64_t acknowledged() const { return store_->counts()->acknowledged; }
    [[nodiscard]] std::vector<offline_store::RecordSummary> records() const {
        return *store_->list(1, 1'000);
    }

  private:
    std::unique_ptr<firmware::courier::MqttUpstream>
    makeUpstream(const std::string& name, const Cluster& cluster, const sim::Pki& pki, SettleOn settleOn) {
        firmware::courier::MqttUpstreamSettings made;
        made.terminal = name;
        for (std::size_t node = 0; node < Cluster::size; ++node)
            made.brokers.push_back({"127.0.0.1", cluster.mqttPort(node)});
        made.caPem = pki.caPem();
        made.identity = *pki.terminalIdentity(name);
        made.settleOn = settleOn;
        made.requestTimeout = Milliseconds{5'000}; // a node that hangs is given up soon
        return std::move(*firmware::courier::MqttUpstream::create(std::move(made), clock_));
    }
    static firmware::courier::CourierSettings settings() {
        firmware::courier::CourierSettings made;
        made.longestBackoff = Milliseconds{4'000};
        made.deferral = Milliseconds{1'000}; // of what an answer left out
        made.bulletinKinds.clear();
        return made;
    }

    drivers::SystemClock clock_;
    std::unique_ptr<offline_store::Store> store_;
    std::unique_ptr<firmware::courier::MqttUpstream> upstream_;
    firmware::courier::Courier courier_;
    std::jthread thread_; // the last: it uses the rest
};

} // namespace ykt::test
