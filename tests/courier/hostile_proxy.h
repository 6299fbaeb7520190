// The network between terminal and back office, at its worst: a TCP relay on this machine's loopback with
// scripted faults. One connection at a time.
#pragma once

#include "base/time.h"

#include <atomic>
#include <cstdint>
#include <deque>
#include <limits>
#include <mutex>
#include <thread>

namespace ykt::firmware::courier {

class HostileProxy {
  public:
    enum class Way { up, down }; // to the back office, to the terminal
    enum class Fault {
        none,
        close,   // both sides see an orderly end
        reset,   // the terminal sees a reset
        silence, // nothing comes through in either way, and nobody is told
        stall,   // nothing is read any more: what is sent stays with the sender
        trickle, // a byte every 20 ms
    };
    struct Script {
        Fault fault = Fault::none;
        Way way = Way::up;
        std::size_t after = 0; // so many bytes of that way pass first
    };
    struct Carried {
        std::size_t up = 0, down = 0; // bytes
    };

    explicit HostileProxy(std::uint16_t backOffice);
    ~HostileProxy(); // ends what is under way
    HostileProxy(const HostileProxy&) = delete;
    HostileProxy& operator=(const HostileProxy&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // For the next connection that nothing is scripted for yet. Without a script one is carried faithfully.
    void script(Script next);
    [[nodiscard]] std::size_t connections() const { return connections_; }
    [[nodiscard]] Carried carried() const; // over the latest connection

  private:
    void run(const std::stop_token& stop);
    void relay(int terminal, int backOffice, Script script, const std::stop_token& stop);
    Script nextScript();

    std::uint16_t backOffice_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    mutable std::mutex mutex_; // over what follows
    std::deque<Script> scripts_;
    Carried carried_;
    std::atomic<std::size_t> connections_{0};
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ykt::firmware::courier
