// The back office over HTTPS, as docs/back-office-api.md has it.
#pragma once

#include "firmware/courier/https_client.h"
#include "firmware/courier/upstream.h"

namespace ykt::firmware::courier {

struct HttpsUpstreamSettings : HttpsServer {
    Milliseconds connectTimeout{5'000};  // name, TCP and TLS together
    Milliseconds requestTimeout{15'000}; // from the first byte sent to the last byte received
    std::size_t mostReplyBytes = 32'000'000;
};

// Used by one thread at a time.
class HttpsUpstream final : public Upstream {
  public:
    // Connects at the first request. Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<HttpsUpstream>> create(HttpsUpstreamSettings settings,
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
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return serverTime_; }

    // From now on over connections to `server`, as its identity there. Errors: as create.
    Result<void> reconnect(const HttpsServer& server);

  private:
    HttpsUpstream(HttpsClient client, const HttpsLimits& limits, const hal::Clock& clock)
        : client_(std::move(client)), limits_(limits), clock_(clock) {}
    // The reply with its date remembered.
    tl::expected<HttpsReply, UpstreamError> heard(tl::expected<HttpsReply, HttpsError> answer);

    HttpsClient client_;
    HttpsLimits limits_;
    const hal::Clock& clock_;
    std::optional<ServerTime> serverTime_;
};

} // namespace ykt::firmware::courier
