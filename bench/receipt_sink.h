// An HTTPS server that answers each record with a receipt and does nothing else: what is measured against it
// is the terminal.
#pragma once

#include "crypto/tls.h"

#include <string>
#include <thread>

namespace ykt::bench {

bool writeAll(crypto::TlsStream& stream, std::string_view bytes);

// Whole HTTP messages with a Content-Length, or without a body.
class HttpReader {
  public:
    explicit HttpReader(crypto::TlsStream& stream) : stream_(stream) {}
    // Valid until the next call; empty when the other side has gone.
    std::string_view next();

  private:
    crypto::TlsStream& stream_;
    std::string buffer_;
    std::size_t used_ = 0;
};

class ReceiptSink {
  public:
    explicit ReceiptSink(crypto::TlsServer tls);
    ~ReceiptSink();
    ReceiptSink(const ReceiptSink&) = delete;
    ReceiptSink& operator=(const ReceiptSink&) = delete;
    [[nodiscard]] std::uint16_t port() const { return port_; }

  private:
    void serve(int socket, const std::stop_token& stop);

    crypto::TlsServer tls_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ykt::bench
