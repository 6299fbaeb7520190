// The back office over HTTPS, as docs/back-office-api.md has it: HTTP/1.1, kept alive, TLS sessions resumed.
#pragma once

#include "crypto/tls.h"
#include "firmware/courier/upstream.h"

#include <memory>

namespace ykt::firmware::courier {

struct HttpsUpstreamSettings {
    std::string host; // DNS name or IPv4 address; the server's certificate must name it
    std::uint16_t port = 443;
    std::string caPem; // the only CA that is trusted
    crypto::TlsIdentity identity;
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
    ~HttpsUpstream() override;

    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override;
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override;

  private:
    struct Impl;
    explicit HttpsUpstream(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::firmware::courier
