// One MQTT 3.1.1 connection to a broker over mutual TLS, on libmosquitto without its threads: it works while
// a function of it waits, and a stop ends any wait at once.
#pragma once

#include "crypto/socket_wait.h"
#include "firmware/courier/mqtt_tls.h"

#include <functional>
#include <map>
#include <vector>

struct mosquitto;
struct mosquitto_message;

namespace ykt::firmware::courier {

struct MqttEndpoint {
    std::string host; // DNS name or IPv4 address; the broker's certificate must name it
    std::uint16_t port = 8883;
};

// Used by one thread at a time, which has SIGPIPE blocked from then on: OpenSSL writes to sockets that may be
// closed. After an error it is of no more use.
class MqttSession {
  public:
    using OnMessage = std::function<void(std::string_view topic, ByteView payload)>;

    // Connects with a persistent session (clean session 0), within `timeout` in total. `attempt` chooses
    // among the addresses of the endpoint's name. `tls` outlives it. Errors: unreachable, upstream_untrusted
    // (also where the broker does not let this client in), upstream_busy, upstream_timeout, cancelled,
    // crypto_failed.
    static Result<std::unique_ptr<MqttSession>> open(const MqttEndpoint& endpoint, std::size_t attempt,
                                                     const std::string& clientId, MqttTls& tls, WallTime now,
                                                     OnMessage onMessage, Milliseconds timeout,
                                                     std::stop_token stop);
    ~MqttSession();
    MqttSession(const MqttSession&) = delete;
    MqttSession& operator=(const MqttSession&) = delete;

    // From now on all that follows must be done within `fromNow` in total.
    void setDeadline(Milliseconds fromNow, std::stop_token stop);
    // Takes in what has come, without waiting. Errors: unreachable (the connection has ended).
    Result<void> catchUp();

    // With QoS 1. Gives the number that acknowledged() knows the message by. Errors: unreachable.
    Result<int> publish(const std::string& topic, ByteView payload);
    [[nodiscard]] bool acknowledged(int message) const { return answers_.contains(message); }
    // Until the broker has answered. Errors: upstream_rejected (it does not grant it), and as hearUntil.
    Result<void> subscribe(const std::string& filter, int qos);
    Result<void> unsubscribe(const std::string& filter);
    // Takes in what comes until `done`. Errors: unreachable, upstream_untrusted, upstream_timeout, cancelled.
    Result<void> hearUntil(const std::function<bool()>& done);

  private:
    MqttSession(MqttTls& tls, OnMessage onMessage) : tls_(tls), onMessage_(std::move(onMessage)) {}
    Result<void> connect(const MqttEndpoint& endpoint, std::size_t attempt, const std::string& clientId,
                         WallTime now);
    Result<void> step(bool waits);
    Result<void> judge(int result);
    Result<int> answerTo(int number);

    using Handle = std::unique_ptr<mosquitto, void (*)(mosquitto*)>;
    MqttTls& tls_;
    OnMessage onMessage_;
    crypto::SocketWait wait_;
    Handle client_{nullptr, nullptr};
    std::optional<int> accepted_; // CONNACK's return code
    std::map<int, int> answers_;  // by packet: what a subscription was granted, 0 of others
};

} // namespace ykt::firmware::courier
