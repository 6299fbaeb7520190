// TLS 1.2 with both sides authenticated by P-256 certificates under one pinned CA (RFC 5246, RFC 8422):
// sockets with deadlines that a stop token ends at once. No system trust store is read.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/tcp.h"
#include "hal/clock.h"

#include <memory>
#include <span>
#include <stop_token>
#include <string>

namespace ykt::crypto {

// Who this side is.
struct TlsIdentity {
    std::string certificatePem;
    Secret privateKeyPem;
};

// One established connection. Not thread-safe. Destroying it closes the socket.
class TlsStream {
  public:
    TlsStream(TlsStream&&) noexcept;
    TlsStream& operator=(TlsStream&&) noexcept;
    ~TlsStream();

    // From now on every read and write must be done within `fromNow` in total, and ends early when `stop` is
    // asked.
    void setDeadline(Milliseconds fromNow, std::stop_token stop);

    // At least one byte, or 0 when the peer has closed. Errors: upstream_timeout, cancelled, unreachable
    // (reset), upstream_untrusted (an alert: this side's certificate was refused).
    Result<std::size_t> readSome(std::span<std::uint8_t> into);
    // At least one byte of a non-empty view. Errors: as readSome.
    Result<std::size_t> writeSome(ByteView bytes);

    // Nothing has come that was not read: no bytes, and no end of the connection.
    [[nodiscard]] bool isQuiet() const;

    [[nodiscard]] std::string peerCommonName() const;
    [[nodiscard]] bool resumed() const; // client: the handshake continued an earlier session

  private:
    struct Impl;
    explicit TlsStream(std::unique_ptr<Impl> impl);
    friend class TlsClient;
    friend class TlsServer;
    std::unique_ptr<Impl> impl_;
};

// Connects to servers under one of the CAs `caPem`. The clock tells the time that certificates are checked
// at. Not thread-safe.
class TlsClient {
  public:
    // Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<TlsClient> create(std::string_view caPem, const TlsIdentity& identity,
                                    const hal::Clock& clock);
    TlsClient(TlsClient&&) noexcept;
    TlsClient& operator=(TlsClient&&) noexcept;
    ~TlsClient();

    // Resolves, connects, and shakes hands within `timeout` in total; the certificate must name `host` (DNS
    // name or IPv4 address). A session of an earlier connection is resumed where the server allows. Errors:
    // unreachable, upstream_untrusted, upstream_timeout, cancelled, crypto_failed.
    Result<TlsStream> connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                              std::stop_token stop);
    // The same over a connection that has been spoken over in the clear, where a protocol begins so; no
    // session is resumed. The stream must not outlive this client. Errors: as connect.
    Result<TlsStream> secure(TcpStream connected, const std::string& host, Milliseconds timeout,
                             std::stop_token stop);

  private:
    struct Impl;
    explicit TlsClient(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// The other side: clients must show a certificate under one of the CAs `caPem`. accept() may be called by
// several threads.
class TlsServer {
  public:
    // Errors: as TlsClient::create.
    static Result<TlsServer> create(std::string_view caPem, const TlsIdentity& identity,
                                    const hal::Clock& clock);
    TlsServer(TlsServer&&) noexcept;
    TlsServer& operator=(TlsServer&&) noexcept;
    ~TlsServer();

    // Takes over the connected socket `fd` (closed on failure too) and shakes hands within `timeout`. The
    // stream must not outlive this server. Errors: as TlsClient::connect.
    Result<TlsStream> accept(int fd, Milliseconds timeout, std::stop_token stop);

  private:
    struct Impl;
    explicit TlsServer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::crypto
