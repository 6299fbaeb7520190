#include "firmware/courier/mqtt_session.h"

#include "crypto/name_lookup.h"

#include <array>
#include <csignal>
#include <mosquitto.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

namespace ykt::firmware::courier {
namespace {

// Longer than the courier's pauses, in which nobody answers for the client; in seconds.
constexpr int keepAlive = 120;
constexpr int refusedSubscription = 0x80; // MQTT 3.1.1, 3.9.3

// MQTT 3.1.1, 3.2.2.3
enum ConnectReturn { accepted = 0, server_unavailable = 3 };

bool startLibrary() {
    static const bool started = mosquitto_lib_init() == MOSQ_ERR_SUCCESS;
    return started;
}

void blockSigpipe() {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

// One of the name's addresses, as text: libmosquitto would wait for a name server without end.
Result<std::string> addressOf(const MqttEndpoint& endpoint, std::size_t attempt, crypto::SocketWait& wait) {
    const auto found = crypto::lookUpName(endpoint.host, endpoint.port, wait);
    if (!found)
        return failWith(found);
    std::vector<std::string> addresses;
    for (const auto* each = found->get(); each != nullptr; each = each->ai_next) {
        std::array<char, NI_MAXHOST> text{};
        if (::getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0,
                          NI_NUMERICHOST) == 0)
            addresses.emplace_back(text.data());
    }
    if (addresses.empty())
        return fail(Reason::unreachable, "MQTT: no address");
    return addresses[attempt % addresses.size()];
}

bool hasHungUp(int socket) {
    pollfd state{socket, 0, 0};
    return ::poll(&state, 1, 0) > 0;
}

} // namespace

Result<std::unique_ptr<MqttSession>> MqttSession::open(const MqttEndpoint& endpoint, std::size_t attempt,
                                                       const std::string& clientId, MqttTls& tls,
                                                       WallTime now, OnMessage onMessage,
                                                       Milliseconds timeout, std::stop_token stop) {
    blockSigpipe();
    std::unique_ptr<MqttSession> session(new MqttSession(tls, std::move(onMessage)));
    session->setDeadline(timeout, std::move(stop));
    if (auto connected = session->connect(endpoint, attempt, clientId, now); !connected)
        return failWith(connected);
    return session;
}

// A DISCONNECT, if it can be written at once; the session at the broker stays.
MqttSession::~MqttSession() {
    if (client_ && accepted_)
        mosquitto_disconnect(client_.get());
}

Result<void> MqttSession::connect(const MqttEndpoint& endpoint, std::size_t attempt,
                                  const std::string& clientId, WallTime now) {
    auto address = addressOf(endpoint, attempt, wait_);
    if (!address)
        return failWith(address);
    const auto context = tls_.begin(endpoint.host, now);
    if (!context)
        return failWith(context);
    if (!startLibrary())
        return fail(Reason::crypto_failed, "MQTT: libmosquitto");
    client_ = Handle(mosquitto_new(clientId.c_str(), false, this), mosquitto_destroy);
    if (!client_ || mosquitto_void_option(client_.get(), MOSQ_OPT_SSL_CTX, *context) != MOSQ_ERR_SUCCESS ||
        mosquitto_int_option(client_.get(), MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0) != MOSQ_ERR_SUCCESS)
        return fail(Reason::crypto_failed, "MQTT: libmosquitto");
    mosquitto_connect_callback_set(client_.get(), [](mosquitto*, void* self, int result) {
        static_cast<MqttSession*>(self)->accepted_ = result;
    });
    mosquitto_publish_callback_set(client_.get(), [](mosquitto*, void* self, int packet) {
        static_cast<MqttSession*>(self)->answers_.emplace(packet, 0);
    });
    mosquitto_subscribe_callback_set(client_.get(),
                                     [](mosquitto*, void* self, int packet, int count, const int* granted) {
                                         static_cast<MqttSession*>(self)->answers_.emplace(
                                             packet, count == 1 ? *granted : refusedSubscription);
                                     });
    mosquitto_unsubscribe_callback_set(client_.get(), [](mosquitto*, void* self, int packet) {
        static_cast<MqttSession*>(self)->answers_.emplace(packet, 0);
    });
    mosquitto_message_callback_set(
        client_.get(), [](mosquitto*, void* self, const mosquitto_message* message) {
            static_cast<MqttSession*>(self)->onMessage_(message->topic,
                                                        {static_cast<const std::uint8_t*>(message->payload),
                                                         static_cast<std::size_t>(message->payloadlen)});
        });
    if (auto begun =
            judge(mosquitto_connect_async(client_.get(), address->c_str(), endpoint.port, keepAlive));
        !begun)
        return begun;
    if (auto heard = hearUntil([this] { return accepted_.has_value(); }); !heard)
        return heard;
    if (*accepted_ == ConnectReturn::accepted)
        return {};
    return fail(*accepted_ == server_unavailable ? Reason::upstream_busy : Reason::upstream_untrusted,
                "MQTT: CONNACK " + std::to_string(*accepted_));
}

void MqttSession::setDeadline(Milliseconds fromNow, std::stop_token stop) {
    wait_.start(fromNow, std::move(stop));
}

Result<void> MqttSession::catchUp() {
    blockSigpipe(); // perhaps another thread than the one before
    answers_.clear();
    for (;;) {
        pollfd socket{mosquitto_socket(client_.get()), POLLIN, 0};
        if (socket.fd < 0)
            return fail(Reason::unreachable, "MQTT: the connection has ended");
        if (::poll(&socket, 1, 0) <= 0)
            return judge(mosquitto_loop_misc(client_.get()));
        if (auto read = step(false); !read)
            return read;
    }
}

Result<int> MqttSession::publish(const std::string& topic, ByteView payload) {
    int message = 0;
    constexpr int qos = 1;
    const auto done = judge(mosquitto_publish(client_.get(), &message, topic.c_str(),
                                              static_cast<int>(payload.size()), payload.data(), qos, false));
    if (!done)
        return failWith(done);
    return message;
}

Result<void> MqttSession::subscribe(const std::string& filter, int qos) {
    int packet = 0;
    if (auto sent = judge(mosquitto_subscribe(client_.get(), &packet, filter.c_str(), qos)); !sent)
        return sent;
    const auto granted = answerTo(packet);
    if (!granted)
        return failWith(granted);
    if (*granted == refusedSubscription)
        return fail(Reason::upstream_rejected, "MQTT: SUBACK 0x80"); // its rules, or it cannot store now
    return {};
}

Result<void> MqttSession::unsubscribe(const std::string& filter) {
    int packet = 0;
    if (auto sent = judge(mosquitto_unsubscribe(client_.get(), &packet, filter.c_str())); !sent)
        return sent;
    if (const auto answered = answerTo(packet); !answered)
        return failWith(answered);
    return {};
}

Result<int> MqttSession::answerTo(int packet) {
    if (auto heard = hearUntil([&] { return answers_.contains(packet); }); !heard)
        return failWith(heard);
    return answers_.at(packet);
}

Result<void> MqttSession::hearUntil(const std::function<bool()>& done) {
    while (!done())
        if (auto stepped = step(true); !stepped)
            return stepped;
    return {};
}

// What the socket is ready for, once.
Result<void> MqttSession::step(bool waits) {
    auto* client = client_.get();
    const int socket = mosquitto_socket(client);
    auto* tls = static_cast<SSL*>(mosquitto_ssl_get(client));
    if (socket < 0 || tls == nullptr)
        return fail(Reason::unreachable, "MQTT: the connection has ended");
    const bool shakesHands = SSL_in_init(tls) != 0;
    const bool writes = shakesHands ? SSL_want_write(tls) != 0 : mosquitto_want_write(client);
    // What OpenSSL has read ahead, the socket does not show again.
    if (waits && SSL_pending(tls) == 0) {
        const auto ready = wait_.until(socket, static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN));
        if (!ready)
            return ready;
    }
    if (auto read = judge(mosquitto_loop_read(client, 1)); !read)
        return read;
    if (SSL_in_init(tls) != 0 && hasHungUp(socket)) // libmosquitto would shake hands over it for ever
        return fail(Reason::unreachable, "MQTT: no connection");
    return judge(SSL_in_init(tls) == 0 && mosquitto_want_write(client) ? mosquitto_loop_write(client, 1)
                                                                       : MOSQ_ERR_SUCCESS);
}

Result<void> MqttSession::judge(int result) {
    if (result == MOSQ_ERR_SUCCESS)
        return {};
    return fail(tls_.refused() ? Reason::upstream_untrusted : Reason::unreachable,
                std::string("MQTT: ") + mosquitto_strerror(result));
}

} // namespace ykt::firmware::courier
