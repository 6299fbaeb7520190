#include "collector/http_server.h"

#include "crypto/tls_sync_stream.h"

#include <arpa/inet.h>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ykt::collector {

namespace http = boost::beast::http;

namespace {

constexpr Milliseconds handshakeTime{10'000};
constexpr Milliseconds idleTime{60'000};
constexpr std::uint64_t mostBodyBytes = 64 * 1024 * 1024;

} // namespace

Result<std::uint16_t> HttpServer::listen(std::uint16_t port) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::bind(listener_, raw, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
        ::getsockname(listener_, raw, &size) != 0) {
        ::close(listener_);
        listener_ = -1;
        return fail(Reason::unreachable, "listening on port " + std::to_string(port));
    }
    acceptor_ = std::jthread([this](const std::stop_token& stop) { acceptAll(stop, listener_); });
    return ntohs(address.sin_port);
}

void HttpServer::close() {
    if (listener_ < 0)
        return;
    acceptor_.request_stop();
    ::shutdown(listener_, SHUT_RDWR); // ends a waiting accept()
    acceptor_.join();
    ::close(listener_);
    listener_ = -1;
    for (auto& connection : connections_)
        connection.thread.request_stop();
    connections_.clear(); // joins
}

void HttpServer::acceptAll(const std::stop_token& stop, int listener) {
    while (!stop.stop_requested()) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0)
            continue;
        connections_.remove_if([](const Connection& connection) { return connection.done.load(); });
        auto& connection = connections_.emplace_back();
        connection.thread = std::jthread([this, &connection, socket](const std::stop_token& connectionStop) {
            serve(connectionStop, socket);
            connection.done = true;
        });
    }
}

void HttpServer::serve(const std::stop_token& stop, int socket) {
    auto accepted = tls_.accept(socket, handshakeTime, stop);
    if (!accepted)
        return;
    const auto peer = accepted->peerCommonName();
    crypto::TlsSyncStream stream(std::move(*accepted));
    boost::beast::flat_buffer buffer;
    for (bool keep = true; keep;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(mostBodyBytes);
        boost::system::error_code code;
        stream.tls().setDeadline(idleTime, stop);
        http::read(stream, buffer, parser, code);
        if (code)
            return;
        auto request = parser.release();
        const auto answer = handler_({peer, std::string(request.method_string()),
                                      std::string(request.target()), std::move(request.body())},
                                     stop);
        if (!answer)
            return;
        http::response<http::string_body> response(http::int_to_status(answer->status), request.version());
        response.body() = answer->body;
        if (answer->retryAfterSeconds)
            response.set(http::field::retry_after, std::to_string(*answer->retryAfterSeconds));
        if (!answer->body.empty())
            response.set(http::field::content_type, "application/json");
        keep = request.keep_alive();
        response.keep_alive(keep);
        response.prepare_payload();
        http::write(stream, response, code);
        if (code)
            return;
    }
}

} // namespace ykt::collector
