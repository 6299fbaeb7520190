// A cable between two nodes: a TCP relay on this machine's loopback that can be cut.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <thread>
#include <utility>

namespace ykt::test {

class Link {
  public:
    // To what listens on this port, whenever that begins.
    explicit Link(std::uint16_t to);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // Nothing comes through in either way until it is mended, and nobody is told. What was sent meanwhile
    // comes then.
    void cut() { cut_ = true; }
    void mend() { cut_ = false; }

  private:
    using Pair = std::pair<int, int>; // sockets: of who called, and of who was called

    void run(const std::stop_token& stop);
    void accept();
    void carry(const std::stop_token& stop);

    std::uint16_t to_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::list<Pair> pairs_;
    std::atomic<bool> cut_{false};
    std::jthread thread_; // the last: it uses the rest
};

} // namespace ykt::test
