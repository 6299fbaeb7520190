// Waiting for a socket until it is ready, a deadline passes, or a stop is asked: for what drives a library of
// its own over a socket.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <functional>
#include <optional>
#include <stop_token>

namespace ykt::crypto {

// A file descriptor that is closed with its owner.
class OwnedDescriptor {
  public:
    explicit OwnedDescriptor(int descriptor = -1) : descriptor_(descriptor) {}
    OwnedDescriptor(OwnedDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
    ~OwnedDescriptor();

    [[nodiscard]] int get() const { return descriptor_; }
    int* address() { return &descriptor_; } // for C libraries that keep a pointer to it

  private:
    int descriptor_;
};

// The deadline is a kernel timer, so that many waits share one deadline without asking what time it is.
class SocketWait {
  public:
    SocketWait();
    SocketWait(const SocketWait&) = delete;
    SocketWait& operator=(const SocketWait&) = delete;

    // Begins a span of time that all waits until the next start() share.
    void start(Milliseconds fromNow, std::stop_token stop);
    // `events` as poll(2) has them. Errors: cancelled, upstream_timeout, crypto_failed (no descriptors left).
    Result<void> until(int socket, short events);

  private:
    OwnedDescriptor timer_;
    OwnedDescriptor stopEvent_;
    std::optional<std::stop_callback<std::function<void()>>> onStop_;
};

} // namespace ykt::crypto
