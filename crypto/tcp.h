// TCP connections whose waits have a deadline and end when a stop is asked.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <memory>
#include <stop_token>
#include <string>

namespace ykt::crypto {

// One connection, in the clear. Not thread-safe. Destroying it closes the socket.
class TcpStream {
  public:
    // Resolves and connects within `timeout` in total. Errors: unreachable, upstream_timeout, cancelled,
    // crypto_failed (no descriptors left).
    static Result<TcpStream> connect(const std::string& host, std::uint16_t port, Milliseconds timeout,
                                     std::stop_token stop);
    TcpStream(TcpStream&&) noexcept;
    TcpStream& operator=(TcpStream&&) noexcept;
    ~TcpStream();

    // From now on every read and write must be done within `fromNow` in total, and ends early when `stop` is
    // asked.
    void setDeadline(Milliseconds fromNow, std::stop_token stop);
    // At least one byte, or 0 when the peer has closed. Errors: upstream_timeout, cancelled, unreachable.
    Result<std::size_t> readSome(std::span<std::uint8_t> into);
    // At least one byte of a non-empty view. Errors: as readSome.
    Result<std::size_t> writeSome(ByteView bytes);

  private:
    struct Impl;
    explicit TcpStream(std::unique_ptr<Impl> impl);
    friend class TlsClient;
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::crypto
