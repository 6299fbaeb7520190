// HTTP/1.1 over TLS to one server, both sides authenticated: kept alive, TLS sessions resumed.
#pragma once

#include "crypto/tls.h"

#include <memory>
#include <optional>
#include <vector>

namespace ykt::firmware::courier {

struct HttpsServer {
    std::string host; // DNS name or IPv4 address; the server's certificate must name it
    std::uint16_t port = 443;
    std::string caPem; // the only CA that is trusted
    crypto::TlsIdentity identity;
};

struct HttpsLimits {
    Milliseconds connect{5'000};  // name, TCP and TLS together
    Milliseconds request{15'000}; // from the first byte sent to the last byte received
    Milliseconds whole{20'000};   // both, and a second connection where the kept one had ended
    std::size_t mostReplyBytes = 32'000'000;
};

struct HttpsReply {
    unsigned status = 0;
    std::string body;
    std::optional<Milliseconds> retryAfter{}; // as the server asked, unclamped
    std::optional<WallTime> date{};           // the server's clock, to the second
    std::string etag{};
};

struct HttpsHeader {
    std::string name;
    std::string value;
};

struct HttpsError {
    Error error;
    bool sent = false;   // the request left, or part of it, over one connection or another
    bool cutOff = false; // it left over the kept one, which had ended, and by another nobody was reached
};

// Used by one thread at a time.
class HttpsClient {
  public:
    // Connects at the first request. Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<HttpsClient> create(const HttpsServer& server, const hal::Clock& clock);
    HttpsClient(HttpsClient&&) noexcept;
    HttpsClient& operator=(HttpsClient&&) noexcept;
    ~HttpsClient();

    // The answer, whatever its status. A kept connection that turns out to have ended is replaced once, so a
    // request may arrive twice: only such may be made as do no harm then. Errors: unreachable,
    // upstream_untrusted, upstream_timeout, reply_malformed, cancelled.
    tl::expected<HttpsReply, HttpsError> get(const std::string& target, const HttpsLimits& limits,
                                             const std::stop_token& stop,
                                             const std::vector<HttpsHeader>& headers = {});
    tl::expected<HttpsReply, HttpsError> post(const std::string& target, std::string json,
                                              const HttpsLimits& limits, const std::stop_token& stop);

    // Ends a kept connection. The next request makes another.
    void disconnect();

  private:
    struct Impl;
    explicit HttpsClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::firmware::courier
