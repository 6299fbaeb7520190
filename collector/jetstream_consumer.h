// Settles what terminals publish through a broker (docs/mqtt-api.md), out of a NATS JetStream stream; keeps
// their status and renews their certificates.
#pragma once

#include "collector/certificates.h"
#include "collector/jetstream.h"
#include "collector/ledger.h"

#include <atomic>

namespace ykt::collector {

struct JetstreamConsumerSettings {
    std::vector<NatsServer> servers; // of one cluster; another one is tried when one fails
    NatsSettings client{};
    std::string terminalsCaPem; // that signs the terminals' certificates
    // Made if it is not there, but for a stream of the server's own ("$MQTT_msgs"). What is taken from it is
    // what its one subject covers: the terminal is the last level but one.
    StreamSettings stream{"ykt-transactions", {"ykt.v1.*.transactions"}};
    // Terminals settle by the broker's acknowledgement: what the ledger does not settle is kept, for nobody
    // sends it again. Where they wait for receipts they do, each time as another message.
    bool keepsUnsettled = false;
    CertificateSign sign{};                             // none: signing requests are not taken
    std::optional<crypto::TlsIdentity> receiptSigner{}; // none: receipts are not signed
    std::string durable = "ykt-collector";              // collectors of one name share the work
    Milliseconds ackWait{30'000};   // then what a collector that died had taken comes again
    std::size_t fetchAtOnce = 64;   // messages
    Milliseconds timeout{5'000};    // for an answer of a server
    Milliseconds firstBackoff{200}; // after a failure; doubled up to the longest
    Milliseconds longestBackoff{5'000};
};

class JetstreamConsumer {
  public:
    using Report = std::function<void(const std::string& line)>; // for an operator's log; no personal data

    // Ledger and clock outlive it.
    JetstreamConsumer(Ledger& ledger, const hal::Clock& clock, JetstreamConsumerSettings settings,
                      Report report);

    // Until `stop` is asked; returns within a second of that, unless the ledger takes longer.
    void run(const std::stop_token& stop);

    // Messages that were settled and acknowledged, those that came again among them.
    [[nodiscard]] std::uint64_t messages() const { return messages_; }
    // Messages that nobody can be answered to, because they are not signed by the terminal that they are said
    // to be of, or cannot be read.
    [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }

  private:
    Result<void> serveOne(const NatsServer& server, const std::stop_token& stop);
    // What came on the topics that no stream keeps.
    Result<void> takeUnkept(NatsClient& client, const std::stop_token& stop);
    Result<void> noteStatus(const NatsMessage& message);
    void answerCertificate(NatsClient& client, const NatsMessage& message);
    // With an error it was not settled now, and comes again.
    Result<void> handle(NatsClient& client, JetStream& stream, const StreamMessage& delivered);
    Result<std::vector<Verdict>> settleOrKeep(const IncomingBatch& batch, const NatsMessage& message);
    Result<void> setAside(JetStream& stream, const StreamMessage& delivered, const std::string& why);
    // What was unsettled when this collector started, once each.
    Result<void> retryUnsettled(const std::stop_token& stop);
    Result<void> retry(const UnsettledMessage& message);
    // As they are published. Errors: key_invalid, certificate_invalid, crypto_failed.
    [[nodiscard]] Result<std::string> signedReceipts(std::string message) const;

    Ledger& ledger_;
    const hal::Clock& clock_;
    JetstreamConsumerSettings settings_;
    Report report_;
    std::atomic<std::uint64_t> messages_{0};
    std::atomic<std::uint64_t> unanswered_{0};
    std::optional<std::int64_t> retried_ = 0; // the number up to which; nullopt: all
};

} // namespace ykt::collector
