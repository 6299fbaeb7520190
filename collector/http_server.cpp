#include "collector/http_server.h"

#include "crypto/tls_sync_stream.h"

#include <arpa/inet.h>
#include <array>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <condition_variable>
#include <cstdio>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ykt::collector {

namespace http = boost::beast::http;

namespace {

constexpr Milliseconds restWithoutDescriptors{100};
constexpr Milliseconds farewell{2'000};

void rest(Milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7).
std::string httpDate(WallTime wall) {
    constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(wall - day));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                  days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                  months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                  static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

HttpRequest requestOf(const std::string& peer, http::request<http::string_body> request) {
    return {peer,
            std::string(request.method_string()),
            std::string(request.target()),
            std::move(request.body()),
            std::string(request[http::field::range]),
            std::string(request[http::field::if_none_match])};
}

http::response<http::string_body> responseOf(HttpAnswer answer, bool keep, WallTime now) {
    constexpr unsigned http11 = 11;
    http::response<http::string_body> response(http::int_to_status(answer.status), http11);
    response.body() = std::move(answer.body);
    response.set(http::field::date, httpDate(now));
    if (answer.retryAfterSeconds)
        response.set(http::field::retry_after, std::to_string(*answer.retryAfterSeconds));
    if (!answer.etag.empty())
        response.set(http::field::etag, answer.etag);
    if (!answer.contentRange.empty())
        response.set(http::field::content_range, answer.contentRange);
    if (!response.body().empty())
        response.set(http::field::content_type,
                     answer.contentRange.empty() ? "application/json" : "application/octet-stream");
    response.keep_alive(keep);
    response.prepare_payload();
    return response;
}

} // namespace

Result<std::uint16_t> HttpServer::listen(std::uint16_t port, const std::string& host) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (listener_ < 0 || ::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
        ::bind(listener_, raw, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
        ::getsockname(listener_, raw, &size) != 0) {
        ::close(listener_);
        listener_ = -1;
        return fail(Reason::unreachable, "listening on " + host + ":" + std::to_string(port));
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
        if (socket < 0) {
            rest(restWithoutDescriptors, stop); // out of descriptors, most likely: until some are given back
            continue;
        }
        connections_.remove_if([](const Connection& connection) { return connection.done.load(); });
        if (connections_.size() >= limits_.connections) {
            ::close(socket);
            continue;
        }
        auto& connection = connections_.emplace_back();
        connection.thread = std::jthread([this, &connection, socket](const std::stop_token& connectionStop) {
            serve(connectionStop, socket);
            connection.done = true;
        });
    }
}

void HttpServer::serve(const std::stop_token& stop, int socket) {
    auto accepted = tls_.accept(socket, limits_.handshake, stop);
    if (!accepted)
        return;
    const auto peer = accepted->peerCommonName();
    crypto::TlsSyncStream stream(std::move(*accepted));
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(limits_.bodyBytes);
        boost::system::error_code code;
        stream.tls().setDeadline(limits_.exchange, stop);
        http::read(stream, buffer, parser, code);
        if (code == http::error::body_limit)
            return refuseTooLarge(stream, stop);
        if (code)
            return;
        const bool keep = parser.keep_alive();
        auto answer = handler_(requestOf(peer, parser.release()), stop);
        if (!answer)
            return;
        http::write(stream, responseOf(std::move(*answer), keep, clock_.now().wall), code);
        if (code || !keep)
            return;
    }
}

// What is still on its way is read first: closing would reset the connection, and overtake the answer.
void HttpServer::refuseTooLarge(crypto::TlsSyncStream& stream, const std::stop_token& stop) {
    boost::system::error_code code;
    http::write(stream, responseOf({413, {}}, false, clock_.now().wall), code);
    stream.tls().setDeadline(farewell, stop);
    std::array<std::uint8_t, 4096> rest{};
    for (auto got = stream.tls().readSome(rest); got && *got > 0;)
        got = stream.tls().readSome(rest);
}

} // namespace ykt::collector
