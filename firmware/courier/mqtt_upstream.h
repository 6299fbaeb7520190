// The back office over MQTT, as docs/mqtt-api.md has it.
#pragma once

#include "firmware/courier/mqtt_messages.h"
#include "firmware/courier/mqtt_session.h"

#include <set>

namespace ykt::firmware::courier {

struct MqttUpstreamSettings {
    std::string terminal;              // its id, and the client id at the broker
    std::vector<MqttEndpoint> brokers; // at least one; after a failure the next one's turn comes
    std::string caPem;                 // the only CA that a broker may chain to
    crypto::TlsIdentity identity;
    enum class SettleOn { receipt, puback } settleOn = SettleOn::receipt;
    std::string receiptSigner{};              // its common name under `caPem`; empty: receipts are not signed
    Milliseconds connectTimeout{10'000};      // name, TCP, TLS, CONNACK and the subscription together
    Milliseconds requestTimeout{15'000};      // from the first byte sent to the last answer
    std::size_t mostMessageBytes = 1'000'000; // either way, but for bulletins and attachments
    std::size_t mostBulletinBytes = 8'000'000;
};

// Used by one thread at a time.
class MqttUpstream final : public Upstream {
  public:
    // Connects at the first request. Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<MqttUpstream>> create(MqttUpstreamSettings settings,
                                                        const hal::Clock& clock);

    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override;
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override;
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest& sha256, std::uint64_t from,
                                                       std::size_t most, std::stop_token stop) override;
    tl::expected<void, UpstreamError> reportStatus(const std::string& status, std::stop_token stop) override;
    tl::expected<std::string, UpstreamError> renewCertificate(const std::string& request,
                                                              const std::stop_token& stop) override;
    tl::expected<void, UpstreamError> tryCertificate(const std::stop_token& stop) override;
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return serverTime_; }

    // From now on over another connection, signing as `identity`. Errors: as create.
    Result<void> reconnect(const crypto::TlsIdentity& identity);

  private:
    // The verdicts that deliver() waits for.
    struct Awaited {
        std::uint32_t epoch = 0;
        std::string request;
        std::set<std::uint64_t> open; // sequences without a verdict
        std::vector<DeliveryReceipt> verdicts{};
    };
    template <typename T>
    using Outcome = tl::expected<T, UpstreamError>;

    MqttUpstream(MqttUpstreamSettings settings, crypto::P256PrivateKey key, std::unique_ptr<MqttTls> tls,
                 const hal::Clock& clock, std::size_t firstBroker)
        : settings_(std::move(settings)), key_(std::move(key)), tls_(std::move(tls)), clock_(clock),
          attempt_(firstBroker) {}
    // A session that lives, the one before or a new one, with the deadline of a request.
    Outcome<void> connect(const std::stop_token& stop);
    // Runs `exchange` over the session, which ends if it fails: what was in flight is not sent again later.
    template <typename Exchange>
    auto over(const std::stop_token& stop, Exchange&& exchange) -> decltype(exchange());

    void hear(std::string_view topic, ByteView payload);
    void hearReceipts(std::string_view text);
    void hearCertificate(std::string_view text);
    // The answer; `signingRequest` is empty where only the present certificate is asked about.
    Outcome<std::string> askForCertificate(std::string_view signingRequest, const std::stop_token& stop);
    // What the broker keeps under the topic; empty: nothing.
    Outcome<Bytes> retained(const std::string& topic);
    Outcome<Bytes> newestBulletin(std::string_view kind);

    MqttUpstreamSettings settings_;
    crypto::P256PrivateKey key_;
    std::unique_ptr<MqttTls> tls_;
    const hal::Clock& clock_;
    std::size_t attempt_;
    std::unique_ptr<MqttSession> session_;
    std::optional<Awaited> awaited_;
    std::string askedAs_;                           // the request that askForCertificate() has sent
    std::optional<CertificateMessage> certificate_; // its answer
    // By topic subscribed in this session. Empty: nothing; an error: something that is not read.
    std::map<std::string, Result<Bytes>, std::less<>> kept_;
    struct Part {
        std::string topic;
        Bytes bytes;
    } part_; // the last one: it comes whole, and may be asked for bit by bit
    std::optional<ServerTime> serverTime_;
};

} // namespace ykt::firmware::courier
