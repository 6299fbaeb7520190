#include "tests/fleet/link.h"

#include "tests/loopback.h"

#include <array>
#include <netinet/tcp.h>
#include <poll.h>
#include <tuple>
#include <unistd.h>
#include <vector>

namespace ykt::test {

namespace {

constexpr int patience = 20; // ms between looks at the stop token

void sendAtOnce(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

// What has come at `from`; false: one of them has ended.
bool pass(int from, int to) {
    std::array<char, 65'536> bytes{};
    const auto got = ::recv(from, bytes.data(), bytes.size(), 0);
    for (ssize_t sent = 0; sent < got;) {
        const auto more = ::send(to, bytes.data() + sent, static_cast<std::size_t>(got - sent), MSG_NOSIGNAL);
        if (more <= 0)
            return false;
        sent += more;
    }
    return got > 0;
}

} // namespace

Link::Link(std::uint16_t to) : to_(to) {
    std::tie(listener_, port_) = listenOnLoopback();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Link::~Link() {
    thread_.request_stop();
    thread_.join();
    for (const auto& [caller, called] : pairs_) {
        ::close(caller);
        ::close(called);
    }
    ::close(listener_);
}

void Link::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (cut_)
            ::poll(nullptr, 0, patience);
        else
            carry(stop);
    }
}

void Link::accept() {
    const int caller = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const int called = connectToLoopback(to_);
    if (called < 0) {
        ::close(caller);
        return;
    }
    sendAtOnce(caller);
    sendAtOnce(called);
    pairs_.emplace_back(caller, called);
}

void Link::carry(const std::stop_token& stop) {
    std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
    for (const auto& [caller, called] : pairs_) {
        waiting.push_back({caller, POLLIN, 0});
        waiting.push_back({called, POLLIN, 0});
    }
    if (::poll(waiting.data(), waiting.size(), patience) <= 0 || stop.stop_requested() || cut_)
        return;
    std::size_t at = 1;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
        const auto [caller, called] = *pair;
        const bool lives = (waiting[at].revents == 0 || pass(caller, called)) &&
                           (waiting[at + 1].revents == 0 || pass(called, caller));
        if (!lives) {
            ::close(caller);
            ::close(called);
        }
        pair = lives ? std::next(pair) : pairs_.erase(pair);
    }
    if (waiting[0].revents != 0)
        accept();
}

} // namespace ykt::test
