// HTTPS of a back office: one thread that accepts, one for each connection, all joined by close().
#pragma once

#include "crypto/tls_sync_stream.h"

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

namespace ykt::collector {

struct HttpRequest {
    std::string peer; // common name of the client's certificate
    std::string method;
    std::string target;
    std::string body;
    std::string range{};       // the field's value; empty: none
    std::string ifNoneMatch{}; // likewise
};

struct HttpAnswer {
    unsigned status = 200;
    std::string body;
    std::optional<unsigned> retryAfterSeconds{};
    std::string etag{};         // with its quotes; empty: none
    std::string contentRange{}; // of a 206; empty: none
};

struct HttpLimits {
    std::size_t connections = 2'000;               // beyond: closed at once
    std::uint64_t bodyBytes = 64ULL * 1024 * 1024; // beyond: 413, and the connection ends
    Milliseconds handshake{10'000};
    // For a whole request and its answer, with the waiting for it: a client that trickles bytes gains no
    // time.
    Milliseconds exchange{60'000};
};

class HttpServer {
  public:
    // nullopt: the connection ends without an answer. Called by several threads; returns soon after a stop.
    using Handler = std::function<std::optional<HttpAnswer>(const HttpRequest&, const std::stop_token&)>;

    // The clock tells the answers' Date and outlives the server.
    HttpServer(crypto::TlsServer tls, const hal::Clock& clock, Handler handler, HttpLimits limits = {})
        : tls_(std::move(tls)), clock_(clock), handler_(std::move(handler)), limits_(limits) {}
    ~HttpServer() { close(); }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // On an IPv4 address of this machine; port 0 picks one. Gives the port. Errors: unreachable.
    Result<std::uint16_t> listen(std::uint16_t port, const std::string& address = "127.0.0.1");
    // Ends the listener and all connections.
    void close();

  private:
    struct Connection {
        std::atomic<bool> done{false};
        std::jthread thread;
    };
    void acceptAll(const std::stop_token& stop, int listener);
    void serve(const std::stop_token& stop, int socket);
    void refuseTooLarge(crypto::TlsSyncStream& stream, const std::stop_token& stop);

    crypto::TlsServer tls_;
    const hal::Clock& clock_;
    Handler handler_;
    HttpLimits limits_;
    int listener_ = -1;
    std::list<Connection> connections_; // of the accepting thread alone, while it runs
    std::jthread acceptor_;
};

} // namespace ykt::collector
