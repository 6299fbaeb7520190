// A client of NATS servers, as small as the collector needs it: publish, subscribe, request. Debian has no C
// or C++ client. docs.nats.io, "Client Protocol".
#pragma once

#include "base/secret.h"
#include "collector/nats_protocol.h"
#include "crypto/tls.h"

#include <memory>

namespace ykt::collector {

struct NatsServer {
    std::string host; // with TLS the certificate must name it
    std::uint16_t port = 4222;
};

struct NatsSettings {
    std::string name = "ykt-collector"; // by which the server lists this client
    std::string user{};                 // empty: none is told
    Secret password{};
    std::string caPem{}; // empty: in the clear, for a network that nobody else is on
    crypto::TlsIdentity identity{};
};

// One connection. Not thread-safe. What fails with anything but upstream_timeout leaves it of no use: connect
// anew.
class NatsClient {
  public:
    // Errors: unreachable, upstream_timeout, cancelled, upstream_untrusted, certificate_invalid, key_invalid,
    // upstream_rejected (user or password), reply_malformed, crypto_failed.
    static Result<std::unique_ptr<NatsClient>> connect(const NatsServer& server, const NatsSettings& settings,
                                                       const hal::Clock& clock, Milliseconds timeout,
                                                       const std::stop_token& stop);
    ~NatsClient();

    // Waits in memory until next(), flush() or request() sends it. Subjects must have no blanks.
    void publish(std::string_view subject, std::string_view payload, std::string_view replyTo = {});
    // `subject` may have wildcards; of several subscribers with one `queue` one gets each message. Gives the
    // subscription's number. Sent as publish() is.
    std::uint64_t subscribe(std::string_view subject, std::string_view queue = {});
    // What still comes for it is dropped.
    void unsubscribe(std::uint64_t subscription);

    // The next message of any subscription; nullopt: none came in that time. Errors: unreachable, cancelled,
    // upstream_timeout (the server takes nothing), upstream_rejected (the server said -ERR), reply_malformed.
    Result<std::optional<NatsMessage>> next(Milliseconds within, const std::stop_token& stop);
    // Everything that was published has been read by the server. Errors: as next, upstream_timeout.
    Result<void> flush(Milliseconds within, const std::stop_token& stop);
    // The first answer. Errors: as flush; unreachable also where nobody answers to the subject (503).
    Result<NatsMessage> request(std::string_view subject, std::string_view payload, Milliseconds within,
                                const std::stop_token& stop);

    // A subject that nobody else has, to be subscribed to.
    std::string newInbox();
    // The next message of one subscription; what comes for others meanwhile is kept. Errors: as next.
    Result<std::optional<NatsMessage>> nextOf(std::uint64_t subscription, Milliseconds within,
                                              const std::stop_token& stop);

  private:
    struct Impl;
    explicit NatsClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::collector
