// What both sides of TLS share: configuration, certificate checks, and the driving of mbedTLS over a socket.
// Included only by sources of this room.
#pragma once

#include "crypto/socket_wait.h"
#include "crypto/tls.h"
#include "crypto/x509_reading.h"

#include <mbedtls/ssl.h>
#include <poll.h>

namespace ykt::crypto {

using SslConfig = MbedtlsOwned<mbedtls_ssl_config, mbedtls_ssl_config_init, mbedtls_ssl_config_free>;
using SslContext = MbedtlsOwned<mbedtls_ssl_context, mbedtls_ssl_init, mbedtls_ssl_free>;
using SslSession = MbedtlsOwned<mbedtls_ssl_session, mbedtls_ssl_session_init, mbedtls_ssl_session_free>;

// Stays where it is: mbedTLS keeps pointers into it.
struct TlsConfig {
    explicit TlsConfig(const hal::Clock& theClock) : clock(theClock) {}
    // `endpoint` is MBEDTLS_SSL_IS_CLIENT or _SERVER. Errors: certificate_invalid, key_invalid,
    // crypto_failed.
    Result<void> setUp(int endpoint, std::string_view caPem, const TlsIdentity& identity);

    const hal::Clock& clock;
    std::string peerHost; // client: what the server's certificate must name
    X509Certificate authorities;
    X509Certificate own;
    PkContext ownKey;
    SslConfig config;
};

struct TlsStream::Impl {
    // Repeats `step` until it wants nothing of the socket any more. Errors: of SocketWait::until.
    template <typename Step>
    Result<int> drive(Step&& step) {
        for (;;) {
            const int result = step();
            if (result != MBEDTLS_ERR_SSL_WANT_READ && result != MBEDTLS_ERR_SSL_WANT_WRITE)
                return result;
            const short events = result == MBEDTLS_ERR_SSL_WANT_READ ? POLLIN : POLLOUT;
            if (auto ready = wait.until(socket.get(), events); !ready)
                return failWith(ready);
        }
    }
    // Errors: upstream_untrusted, unreachable, upstream_timeout, cancelled, crypto_failed.
    Result<void> shakeHands(const TlsConfig& config, const mbedtls_ssl_session* earlier);

    OwnedDescriptor socket;
    SocketWait wait;
    SslContext ssl;
    bool resumed = false;
};

// The reason behind a negative result of mbedTLS.
Error foldTlsError(int result, std::string_view doing);

} // namespace ykt::crypto
