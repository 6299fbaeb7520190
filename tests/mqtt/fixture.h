// A store, an upstream over MQTT, a real broker, and a back office behind it.
#pragma once

#include "collector/certificates.h"
#include "crypto/jws.h"
#include "crypto/random.h"
#include "drivers/system/clock.h"
#include "firmware/courier/courier.h"
#include "firmware/courier/mqtt_upstream.h"
#include "offline_store/store.h"
#include "sim/bulletins.h"
#include "tests/eventually.h"
#include "tests/mqtt/broker.h"
#include "tests/mqtt/client.h"

#include <nlohmann/json.hpp>
#include <thread>

namespace ykt::firmware::courier {

inline const std::string terminalName = "NX-BUS-0001";

using test::eventually;

// Settles what is signed by the terminal that it is about, each record once, and renews its certificate.
class Office {
  public:
    // What is published in place of the answer; none: nothing.
    using Lie =
        std::function<std::vector<std::string>(const nlohmann::json& batch, const std::string& answer)>;

    Office(std::uint16_t port, const sim::Pki& pki, const hal::Clock& clock)
        : pki_(pki), clock_(clock),
          client_(port, "collector", pki,
                  {"ykt/v1/+/transactions", "ykt/v1/+/status", "ykt/v1/+/signing-requests"},
                  [this](test::MqttClient& client, const std::string& topic, const std::string& payload) {
                      hear(client, topic, payload);
                  }) {}

    void lieWith(Lie lie) {
        const std::scoped_lock lock(mutex_);
        lie_ = std::move(lie);
    }
    // What is published in place of an answer about a certificate.
    void lieAboutCertificates(std::function<std::vector<std::string>(const std::string& answer)> lie) {
        const std::scoped_lock lock(mutex_);
        certificateLie_ = std::move(lie);
    }
    // What is signed with another one is passed over; empty: any that the CA has signed is taken.
    void takeOnly(const std::string& certificate) {
        const std::scoped_lock lock(mutex_);
        only_ = certificate;
    }
    [[nodiscard]] std::size_t certificateQuestions() const {
        const std::scoped_lock lock(mutex_);
        return certificateQuestions_;
    }
    [[nodiscard]] std::string lastSigner() const { // of transactions: its certificate
        const std::scoped_lock lock(mutex_);
        return lastSigner_;
    }
    [[nodiscard]] std::map<std::string, int> receipts() const { // receipt of each record, by its id
        const std::scoped_lock lock(mutex_);
        return receipts_;
    }
    [[nodiscard]] std::size_t messages() const {
        const std::scoped_lock lock(mutex_);
        return messages_;
    }
    [[nodiscard]] std::size_t refused() const {
        const std::scoped_lock lock(mutex_);
        return refused_;
    }
    [[nodiscard]] std::string status() const {
        const std::scoped_lock lock(mutex_);
        return status_;
    }

  private:
    void hear(test::MqttClient& client, const std::string& topic, const std::string& payload) {
        const std::scoped_lock lock(mutex_);
        if (topic.ends_with("/status")) {
            status_ = payload;
            return;
        }
        if (topic.ends_with("/signing-requests")) {
            hearQuestion(client, topic, payload);
            return;
        }
        ++messages_;
        const auto message = crypto::verifyJws("ykt-transactions", payload, pki_.caPem(), clock_.now().wall);
        const auto batch =
            message ? nlohmann::json::parse(message->payload, nullptr, false) : nlohmann::json{};
        const auto terminal = batch.value("terminal", std::string());
        if (!message || message->signer.commonName != terminal ||
            topic != "ykt/v1/" + terminal + "/transactions" || !takes(message->certificatePem)) {
            ++refused_;
            return;
        }
        lastSigner_ = message->certificatePem;
        nlohmann::json receipts = nlohmann::json::array();
        for (const auto& record : batch["records"]) {
            const auto id = terminal + "-" + batch["epoch"].dump() + "-" + record["sequence"].dump();
            const auto number =
                receipts_.try_emplace(id, static_cast<int>(receipts_.size()) + 1).first->second;
            receipts.push_back({{"sequence", record["sequence"]},
                                {"verdict", "settled"},
                                {"note", "R-" + std::to_string(number)}});
        }
        const nlohmann::json answer{{"terminal", terminal},
                                    {"epoch", batch["epoch"]},
                                    {"request", batch["request"]},
                                    {"server_ms", unixMilliseconds(clock_.now().wall)},
                                    {"receipts", receipts}};
        const auto texts = lie_ ? lie_(batch, answer.dump()) : std::vector{answer.dump()};
        for (const auto& text : texts)
            client.publish("ykt/v1/" + terminal + "/receipts", text);
    }

    [[nodiscard]] bool takes(const std::string& certificate) const {
        return only_.empty() || only_ == certificate;
    }
    void hearQuestion(test::MqttClient& client, const std::string& topic, const std::string& payload) {
        const auto terminal = topic.substr(topic.find('/', 4) + 1, topic.rfind('/') - topic.find('/', 4) - 1);
        ++certificateQuestions_;
        const auto message =
            crypto::verifyJws("ykt-signing-request", payload, pki_.caPem(), clock_.now().wall);
        const auto question =
            collector::openCertificateQuestion(payload, terminal, pki_.caPem(), clock_.now().wall);
        if (!message || !takes(message->certificatePem) || !question) {
            ++refused_;
            return;
        }
        const auto answer = collector::answerCertificateQuestion(
            *question, [this](const crypto::SigningRequest& request) { return pki_.sign(request); });
        const auto texts = certificateLie_ ? certificateLie_(answer) : std::vector{answer};
        for (const auto& text : texts)
            client.publish("ykt/v1/" + terminal + "/certificates", text);
    }

    const sim::Pki& pki_;
    const hal::Clock& clock_;
    mutable std::mutex mutex_;
    std::function<std::vector<std::string>(const std::string&)> certificateLie_;
    std::string only_;
    std::string lastSigner_;
    std::size_t certificateQuestions_ = 0;
    Lie lie_;
    std::map<std::string, int> receipts_;
    std::size_t messages_ = 0;
    std::size_t refused_ = 0;
    std::string status_;
    test::MqttClient client_; // the last: its thread uses the rest
};

struct MqttFixture {
    MqttFixture() {
        quick.firstBackoff = Milliseconds{20};
        quick.longestBackoff = Milliseconds{100};
        quick.deferral = Milliseconds{50};
        quick.bulletinInterval = Milliseconds{100};
    }

    [[nodiscard]] MqttUpstreamSettings settings() const {
        MqttUpstreamSettings made;
        made.terminal = terminalName;
        made.brokers = {{"127.0.0.1", broker.port()}};
        made.caPem = pki.caPem();
        made.identity = *pki.terminalIdentity(terminalName);
        made.requestTimeout = Milliseconds{5'000};
        return made;
    }
    [[nodiscard]] std::unique_ptr<MqttUpstream> upstream() const { return upstream(settings()); }
    [[nodiscard]] std::unique_ptr<MqttUpstream> upstream(MqttUpstreamSettings made) const {
        return std::move(*MqttUpstream::create(std::move(made), clock));
    }
    void append(int count) const {
        for (int i = 0; i < count; ++i)
            REQUIRE(
                store->append({offline_store::RecordClass::money, "ride", toBytes(R"({"fare":100})"), {}}));
    }
    [[nodiscard]] std::vector<offline_store::Record> leaseAll() const {
        return std::move(*store->lease(1000, 1'000'000, Milliseconds{60'000}));
    }
    [[nodiscard]] bool allAcknowledged(std::uint64_t count) const {
        return store->counts()->acknowledged == count;
    }
    [[nodiscard]] std::string bulletin(const std::string& kind, std::uint64_t version,
                                       const std::string& body = "{}") const {
        const auto now = clock.now().wall;
        return toText(*publisher.publish(kind, version, now - std::chrono::hours{1},
                                         now + std::chrono::hours{1}, body));
    }

    test::TemporaryFolder folder;
    drivers::SystemClock clock;
    sim::Pki pki = *sim::Pki::create(clock.now().wall);
    sim::BulletinPublisher publisher = *sim::BulletinPublisher::create();
    std::unique_ptr<offline_store::Store> store = std::move(*offline_store::Store::open(
        {folder.path() / "store.db", terminalName, {}}, *crypto::randomSecret(32), clock));
    test::Broker broker{pki};
    CourierSettings quick;
};

// A courier that runs from here to the end of the scope.
struct RunningCourier {
    RunningCourier(MqttFixture& fixture, Upstream& upstream)
        : courier(*fixture.store, upstream, fixture.clock, fixture.publisher.publicKey(), fixture.quick),
          thread([this](const std::stop_token& stop) { courier.run(stop, [](std::string_view) {}); }) {}
    Courier courier;
    std::jthread thread;
};

} // namespace ykt::firmware::courier
