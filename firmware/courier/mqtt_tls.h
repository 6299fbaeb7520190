// The TLS of connections to a broker: libmosquitto speaks OpenSSL's, and its own settings want keys in files
// and the system's clock.
#pragma once

#include "crypto/tls.h"
#include "hal/clock.h"

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's SSL_CTX and SSL
struct ssl_st;

namespace ykt::firmware::courier {

class MqttTls {
  public:
    // Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<std::unique_ptr<MqttTls>> create(std::string_view caPem,
                                                   const crypto::TlsIdentity& identity);

    // For one more connection: the certificate must name `host` (DNS name or IPv4 address) and be in force at
    // `now`. Errors: crypto_failed.
    Result<ssl_ctx_st*> begin(const std::string& host, WallTime now);
    // In the connection begun last, one side has told the other that it refuses it.
    [[nodiscard]] bool refused() const { return refused_; }

  private:
    MqttTls() = default;
    Result<void> setUp(std::string_view caPem, const crypto::TlsIdentity& identity);
    static void notice(const ssl_st* connection, int where, int what);

    using Context = std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)>;
    std::string host_;
    Context context_{nullptr, nullptr};
    bool refused_ = false;
};

} // namespace ykt::firmware::courier
