#include "tests/fleet/link.h"

#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace ykt::test {

namespace {

constexpr int patience = 20; // ms between looks at the stop token

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

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

Link::Link(std::uint16_t to) : to_(to), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 16) != 0 ||
        ::getsockname(listener_, raw, &size) != 0)
        throw std::runtime_error("the link's listener");
    port_ = ntohs(address.sin_port);
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
    const int called = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(to_);
    if (::connect(called, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(caller);
        ::close(called);
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
