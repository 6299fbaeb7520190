// A back office that answers what a test wants, byte for byte, behind real TLS: what a proxy between cannot
// do.
#pragma once

#include "crypto/tls.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace ykt::firmware::courier {

class PlayedServer {
  public:
    // Called for each whole request with its head and body; writes what it likes. False: the connection ends.
    using Play = std::function<bool(const std::string& request, crypto::TlsStream& stream)>;

    PlayedServer(crypto::TlsServer tls, Play play);
    ~PlayedServer();
    PlayedServer(const PlayedServer&) = delete;
    PlayedServer& operator=(const PlayedServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::size_t connections() const { return connections_; }
    [[nodiscard]] std::size_t requests() const { return requests_; }

    // The next whole request or answer, taken from the head of `buffer`, which keeps what came behind it;
    // empty when the other side has gone.
    static std::string read(crypto::TlsStream& stream, std::string& buffer);
    // False: the other side has gone.
    static bool write(crypto::TlsStream& stream, std::string_view bytes);
    static std::string answer(std::string_view body, std::string_view status = "200 OK");

  private:
    void run(const std::stop_token& stop);
    void serve(crypto::TlsStream stream, const std::stop_token& stop);

    crypto::TlsServer tls_;
    Play play_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> requests_{0};
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ykt::firmware::courier
