#include "crypto/tls.h"

#include "crypto/random.h"
#include "crypto/tcp_impl.h"
#include "crypto/tls_config.h"

#include <mbedtls/ssl_ticket.h>
#include <sys/socket.h>

namespace ykt::crypto {

namespace {

using SslTickets = MbedtlsOwned<mbedtls_ssl_ticket_context, mbedtls_ssl_ticket_init, mbedtls_ssl_ticket_free>;
constexpr std::uint32_t ticketLifetimeSeconds = 3600;

} // namespace

TlsStream::TlsStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&&) noexcept = default;

TlsStream::~TlsStream() {
    if (impl_)
        mbedtls_ssl_close_notify(impl_->ssl.get()); // once; a full socket must not hold up the closing
}

void TlsStream::setDeadline(Milliseconds fromNow, std::stop_token stop) {
    impl_->wait.start(fromNow, std::move(stop));
}

Result<std::size_t> TlsStream::readSome(std::span<std::uint8_t> into) {
    const auto got =
        impl_->drive([&] { return mbedtls_ssl_read(impl_->ssl.get(), into.data(), into.size()); });
    if (!got)
        return failWith(got);
    if (*got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || *got == MBEDTLS_ERR_SSL_CONN_EOF)
        return 0;
    if (*got < 0)
        return tl::unexpected<Error>(foldTlsError(*got, "TLS read"));
    return static_cast<std::size_t>(*got);
}

Result<std::size_t> TlsStream::writeSome(ByteView bytes) {
    const auto sent =
        impl_->drive([&] { return mbedtls_ssl_write(impl_->ssl.get(), bytes.data(), bytes.size()); });
    if (!sent)
        return failWith(sent);
    if (*sent < 0)
        return tl::unexpected<Error>(foldTlsError(*sent, "TLS write"));
    return static_cast<std::size_t>(*sent);
}

bool TlsStream::isQuiet() const {
    pollfd arrived{impl_->socket.get(), POLLIN, 0};
    return mbedtls_ssl_check_pending(impl_->ssl.get()) == 0 && ::poll(&arrived, 1, 0) == 0;
}

std::string TlsStream::peerCommonName() const {
    const auto* certificate = mbedtls_ssl_get_peer_cert(impl_->ssl.get());
    return certificate ? infoOf(*certificate).commonName : std::string{};
}

bool TlsStream::resumed() const {
    return impl_->resumed;
}

struct TlsClient::Impl {
    explicit Impl(const hal::Clock& clock) : shared(clock) {}

    TlsConfig shared;
    std::uint16_t peerPort = 0;
    std::unique_ptr<SslSession> session; // of the last connection to peerHost and peerPort
};

TlsClient::TlsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

Result<TlsClient> TlsClient::create(std::string_view caPem, const TlsIdentity& identity,
                                    const hal::Clock& clock) {
    auto impl = std::make_unique<Impl>(clock);
    if (const auto done = impl->shared.setUp(MBEDTLS_SSL_IS_CLIENT, caPem, identity); !done)
        return failWith(done);
    return TlsClient(std::move(impl));
}

Result<TlsStream> TlsClient::connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                                     std::stop_token stop) {
    if (host != impl_->shared.peerHost || port != impl_->peerPort)
        impl_->session.reset();
    impl_->shared.peerHost = host;
    impl_->peerPort = port;

    auto stream = std::make_unique<TlsStream::Impl>();
    stream->wait.start(timeout, std::move(stop));
    auto socket = connectToAny(host, port, stream->wait);
    if (!socket)
        return failWith(socket);
    stream->socket = std::move(*socket);

    const auto earlier = std::exchange(impl_->session, nullptr); // one that fails is not tried twice
    if (const auto shaken = stream->shakeHands(impl_->shared, earlier ? earlier->get() : nullptr); !shaken)
        return failWith(shaken);
    auto session = std::make_unique<SslSession>();
    if (mbedtls_ssl_get_session(stream->ssl.get(), session->get()) == 0) {
        stream->resumed = earlier && equalConstantTime((*earlier)->master, (*session)->master);
        impl_->session = std::move(session);
    }
    return TlsStream(std::move(stream));
}

Result<TlsStream> TlsClient::secure(TcpStream connected, const std::string& host, Milliseconds timeout,
                                    std::stop_token stop) {
    impl_->shared.peerHost = host;
    auto stream = std::make_unique<TlsStream::Impl>();
    stream->socket = std::move(connected.impl_->socket);
    stream->wait.start(timeout, std::move(stop));
    if (const auto shaken = stream->shakeHands(impl_->shared, nullptr); !shaken)
        return failWith(shaken);
    return TlsStream(std::move(stream));
}

struct TlsServer::Impl {
    explicit Impl(const hal::Clock& clock) : shared(clock) {}

    TlsConfig shared;
    SslTickets tickets;
};

TlsServer::TlsServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;
TlsServer::~TlsServer() = default;

Result<TlsServer> TlsServer::create(std::string_view caPem, const TlsIdentity& identity,
                                    const hal::Clock& clock) {
    auto impl = std::make_unique<Impl>(clock);
    if (const auto done = impl->shared.setUp(MBEDTLS_SSL_IS_SERVER, caPem, identity); !done)
        return failWith(done);
    if (mbedtls_ssl_ticket_setup(impl->tickets.get(), mbedtlsRandom, nullptr, MBEDTLS_CIPHER_AES_256_GCM,
                                 ticketLifetimeSeconds) != 0)
        return fail(Reason::crypto_failed, "TLS: session tickets");
    mbedtls_ssl_conf_session_tickets_cb(impl->shared.config.get(), mbedtls_ssl_ticket_write,
                                        mbedtls_ssl_ticket_parse, impl->tickets.get());
    return TlsServer(std::move(impl));
}

Result<TlsStream> TlsServer::accept(int fd, Milliseconds timeout, std::stop_token stop) {
    auto stream = std::make_unique<TlsStream::Impl>();
    stream->socket = OwnedDescriptor(fd);
    stream->wait.start(timeout, std::move(stop));
    sendAtOnce(fd);
    auto shaken = stream->shakeHands(impl_->shared, nullptr);
    if (shaken)
        return TlsStream(std::move(stream));
    // mbedTLS says nothing to a client without a certificate. Then read what is on its way before closing: a
    // reset would overtake the alert, and the client would not learn why.
    mbedtls_ssl_send_alert_message(stream->ssl.get(), MBEDTLS_SSL_ALERT_LEVEL_FATAL,
                                   MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE);
    ::shutdown(fd, SHUT_WR);
    ByteArray<512> rest{};
    while (stream->wait.until(fd, POLLIN) && ::recv(fd, rest.data(), rest.size(), MSG_DONTWAIT) > 0) {
    }
    return failWith(shaken);
}

} // namespace ykt::crypto
