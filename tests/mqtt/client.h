// The other side of the broker: a client of libmosquitto, as foreign programs are.
#pragma once

#include "crypto/tls.h"
#include "sim/pki.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <functional>
#include <mosquitto.h>
#include <mutex>
#include <thread>

namespace ykt::test {

class MqttClient {
  public:
    using OnMessage = std::function<void(MqttClient&, const std::string& topic, const std::string& payload)>;

    // Connected, and again after each loss; subscribed to `filters` with QoS 1.
    MqttClient(std::uint16_t port, const std::string& name, const sim::Pki& pki,
               std::vector<std::string> filters = {}, OnMessage onMessage = {})
        : filters_(std::move(filters)), onMessage_(std::move(onMessage)) {
        mosquitto_lib_init();
        REQUIRE(sim::writeIdentity(folder_.path(), "client", *pki.terminalIdentity(name)));
        REQUIRE(sim::writePrivateFile(folder_.path() / "ca.crt", asBytes(pki.caPem())));
        client_ = mosquitto_new(name.c_str(), false, this);
        mosquitto_tls_set(client_, (folder_.path() / "ca.crt").c_str(), nullptr,
                          (folder_.path() / "client.crt").c_str(), (folder_.path() / "client.key").c_str(),
                          nullptr);
        mosquitto_threaded_set(client_, true);
        mosquitto_connect_callback_set(client_, [](mosquitto* client, void* self, int) {
            for (const auto& filter : static_cast<MqttClient*>(self)->filters_)
                mosquitto_subscribe(client, nullptr, filter.c_str(), 1);
            if (static_cast<MqttClient*>(self)->filters_.empty())
                static_cast<MqttClient*>(self)->ready_ = true;
        });
        mosquitto_subscribe_callback_set(client_, [](mosquitto*, void* self, int, int, const int*) {
            static_cast<MqttClient*>(self)->ready_ = true;
        });
        mosquitto_publish_callback_set(
            client_, [](mosquitto*, void* self, int) { ++static_cast<MqttClient*>(self)->published_; });
        mosquitto_message_callback_set(client_,
                                       [](mosquitto*, void* object, const mosquitto_message* message) {
                                           auto* self = static_cast<MqttClient*>(object);
                                           self->onMessage_(*self, message->topic,
                                                            {static_cast<const char*>(message->payload),
                                                             static_cast<std::size_t>(message->payloadlen)});
                                       });
        REQUIRE(mosquitto_connect_async(client_, "127.0.0.1", port, 60) == MOSQ_ERR_SUCCESS);
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        wait([this] { return ready_.load(); });
    }
    ~MqttClient() {
        thread_ = {};
        mosquitto_disconnect(client_);
        mosquitto_destroy(client_);
    }
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    // With QoS 1; does not wait.
    void publish(const std::string& topic, const std::string& payload, bool retained = false) {
        mosquitto_publish(client_, nullptr, topic.c_str(), static_cast<int>(payload.size()), payload.data(),
                          1, retained);
    }
    // Until the broker has it.
    void retain(const std::string& topic, const std::string& payload) {
        const auto before = published_.load();
        publish(topic, payload, true);
        wait([&] { return published_ > before; });
    }

  private:
    // Not mosquitto_loop_start: that waits for ever for a handshake with a broker that was killed meanwhile.
    void run(const std::stop_token& stop) {
        constexpr int patience = 100;
        for (int waited = 0; !stop.stop_requested(); ++waited) {
            if (ready_)
                waited = 0;
            if (mosquitto_loop(client_, 20, 1) == MOSQ_ERR_SUCCESS && waited < patience)
                continue;
            waited = 0;
            ready_ = false;
            ::usleep(20'000);
            mosquitto_reconnect_async(client_);
        }
    }
    template <typename Condition>
    static void wait(Condition&& condition) {
        for (int i = 0; i < 2000 && !condition(); ++i)
            ::usleep(5'000);
        REQUIRE(condition());
    }

    TemporaryFolder folder_;
    std::vector<std::string> filters_;
    OnMessage onMessage_;
    mosquitto* client_ = nullptr;
    std::atomic<bool> ready_{false};
    std::atomic<unsigned> published_{0};
    std::jthread thread_; // the last: it uses the rest
};

} // namespace ykt::test
