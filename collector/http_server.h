// HTTPS of a back office: one thread that accepts, one for each connection, all joined by close().
#pragma once

#include "crypto/tls.h"

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
};

struct HttpAnswer {
    unsigned status = 200;
    std::string body;
    std::optional<unsigned> retryAfterSeconds{};
};

class HttpServer {
  public:
    // nullopt: the connection ends without an answer. Called by several threads; returns soon after a stop.
    using Handler = std::function<std::optional<HttpAnswer>(const HttpRequest&, const std::stop_token&)>;

    HttpServer(crypto::TlsServer tls, Handler handler) : tls_(std::move(tls)), handler_(std::move(handler)) {}
    ~HttpServer() { close(); }
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // On 127.0.0.1; 0 picks a port. Gives the port. Errors: unreachable.
    Result<std::uint16_t> listen(std::uint16_t port);
    // Ends the listener and all connections.
    void close();

  private:
    struct Connection {
        std::atomic<bool> done{false};
        std::jthread thread;
    };
    void acceptAll(const std::stop_token& stop, int listener);
    void serve(const std::stop_token& stop, int socket);

    crypto::TlsServer tls_;
    Handler handler_;
    int listener_ = -1;
    std::list<Connection> connections_; // of the accepting thread alone, while it runs
    std::jthread acceptor_;
};

} // namespace ykt::collector
