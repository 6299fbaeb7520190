// A session with pcscd. One thread at a time may use it; only hangUp comes from others.
#pragma once

#include "drivers/pcsc/watchdog.h"

#include <atomic>

namespace ykt::drivers::pcsc {

class Context {
  public:
    // `limit`: of the wait for pcscd. Connects to pcscd, which costs some hundred microseconds.
    Context(Watchdog& watchdog, Milliseconds limit);
    ~Context(); // does not wait for pcscd
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    // Of SCardEstablishContext; SCARD_F_INTERNAL_ERROR too if its socket could not be found, because then
    // nothing could end its calls.
    [[nodiscard]] std::uint32_t code() const { return code_; }
    [[nodiscard]] long handle() const { return handle_; } // an SCARDCONTEXT, if code() is success

    // Ends the call in progress, whatever it waits for, and fails all later ones.
    void hangUp() const;
    [[nodiscard]] bool hungUp() const { return hungUp_; }

  private:
    long handle_ = 0;
    std::uint32_t code_ = 0;
    int socket_ = -1; // a descriptor of our own: PC/SC-Lite may close its own when it likes
    mutable std::atomic<bool> hungUp_ = false;
};

} // namespace ykt::drivers::pcsc
