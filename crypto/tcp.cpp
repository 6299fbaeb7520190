#include "crypto/tcp_impl.h"

#include "crypto/name_lookup.h"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace ykt::crypto {

namespace {

// Errors: unreachable, upstream_timeout, cancelled, crypto_failed.
Result<OwnedDescriptor> connectTo(const addrinfo& address, SocketWait& wait) {
    OwnedDescriptor socket(
        ::socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol));
    if (socket.get() < 0)
        return fail(Reason::unreachable, "socket");
    sendAtOnce(socket.get());
    if (::connect(socket.get(), address.ai_addr, address.ai_addrlen) == 0)
        return socket;
    if (errno != EINPROGRESS)
        return fail(Reason::unreachable, "connect");
    if (const auto ready = wait.until(socket.get(), POLLOUT); !ready)
        return failWith(ready);
    int error = 0;
    socklen_t size = sizeof error;
    if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0)
        return fail(Reason::unreachable, "connect");
    return socket;
}

// Repeats `step` until it has done something or cannot.
template <typename Step>
Result<std::size_t> drive(OwnedDescriptor& socket, SocketWait& wait, short events, Step&& step) {
    for (;;) {
        const auto done = step();
        if (done >= 0)
            return static_cast<std::size_t>(done);
        if (errno != EAGAIN && errno != EINTR)
            return fail(Reason::unreachable, "the connection was reset");
        if (const auto ready = wait.until(socket.get(), events); !ready)
            return failWith(ready);
    }
}

} // namespace

void sendAtOnce(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Result<OwnedDescriptor> connectToAny(const std::string& host, std::uint16_t port, SocketWait& wait) {
    const auto addresses = lookUpName(host, port, wait);
    if (!addresses)
        return failWith(addresses);
    Result<OwnedDescriptor> socket = fail(Reason::unreachable, "no address for this name");
    for (const auto* address = addresses->get(); address; address = address->ai_next) {
        socket = connectTo(*address, wait);
        if (socket || socket.error() != Reason::unreachable)
            break;
    }
    return socket;
}

TcpStream::TcpStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TcpStream::TcpStream(TcpStream&&) noexcept = default;
TcpStream& TcpStream::operator=(TcpStream&&) noexcept = default;
TcpStream::~TcpStream() = default;

Result<TcpStream> TcpStream::connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                                     std::stop_token stop) {
    auto impl = std::make_unique<Impl>();
    impl->wait.start(timeout, std::move(stop));
    auto socket = connectToAny(host, port, impl->wait);
    if (!socket)
        return failWith(socket);
    impl->socket = std::move(*socket);
    return TcpStream(std::move(impl));
}

void TcpStream::setDeadline(Milliseconds fromNow, std::stop_token stop) {
    impl_->wait.start(fromNow, std::move(stop));
}

Result<std::size_t> TcpStream::readSome(std::span<std::uint8_t> into) {
    return drive(impl_->socket, impl_->wait, POLLIN,
                 [&] { return ::recv(impl_->socket.get(), into.data(), into.size(), 0); });
}

Result<std::size_t> TcpStream::writeSome(ByteView bytes) {
    return drive(impl_->socket, impl_->wait, POLLOUT,
                 [&] { return ::send(impl_->socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
}

} // namespace ykt::crypto
