#include "hostile_proxy.h"

#include "tests/loopback.h"

#include <algorithm>
#include <array>
#include <netinet/tcp.h>
#include <poll.h>
#include <tuple>
#include <unistd.h>

namespace ykt::firmware::courier {

namespace {

constexpr int patience = 20; // ms between looks at the stop token
constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

void sendAtOnce(int socket) {
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

bool sendAll(int socket, const std::uint8_t* bytes, std::size_t count) {
    while (count > 0) {
        const auto sent = ::send(socket, bytes, count, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        count -= static_cast<std::size_t>(sent);
    }
    return true;
}

void closeWithReset(int socket) {
    const linger atOnce{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &atOnce, sizeof atOnce);
    ::close(socket);
}

// Until the terminal gives up; what it sends is swallowed, or stays with it.
void keepSilent(int terminal, bool swallows, const std::stop_token& stop) {
    std::array<std::uint8_t, 4096> swallowed{};
    pollfd waiting{terminal, static_cast<short>(swallows ? POLLIN : POLLRDHUP), 0};
    while (!stop.stop_requested()) {
        if (::poll(&waiting, 1, patience) != 1)
            continue;
        if (!swallows || ::recv(terminal, swallowed.data(), swallowed.size(), 0) <= 0)
            return;
    }
}

} // namespace

HostileProxy::HostileProxy(std::uint16_t backOffice) : backOffice_(backOffice) {
    std::tie(listener_, port_) = test::listenOnLoopback();
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

HostileProxy::~HostileProxy() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
}

void HostileProxy::script(Script next) {
    const std::scoped_lock lock(mutex_);
    scripts_.push_back(next);
}

HostileProxy::Carried HostileProxy::carried() const {
    const std::scoped_lock lock(mutex_);
    return carried_;
}

HostileProxy::Script HostileProxy::nextScript() {
    const std::scoped_lock lock(mutex_);
    carried_ = {};
    if (scripts_.empty())
        return {Fault::none, Way::up, unlimited};
    const auto script = scripts_.front();
    scripts_.pop_front();
    return script;
}

void HostileProxy::run(const std::stop_token& stop) {
    pollfd waiting{listener_, POLLIN, 0};
    while (!stop.stop_requested()) {
        if (::poll(&waiting, 1, patience) != 1)
            continue;
        const int terminal = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (terminal < 0)
            continue;
        ++connections_;
        const auto script = nextScript();
        const int backOffice = test::connectToLoopback(backOffice_);
        sendAtOnce(terminal);
        sendAtOnce(backOffice);
        if (backOffice >= 0)
            relay(terminal, backOffice, script, stop);
        ::close(backOffice);
        script.fault == Fault::reset ? closeWithReset(terminal) : void(::close(terminal));
    }
}

void HostileProxy::relay(int terminal, int backOffice, Script script, const std::stop_token& stop) {
    std::array<std::uint8_t, 4096> bytes{};
    std::array<pollfd, 2> ends{{{terminal, POLLIN | POLLRDHUP, 0}, {backOffice, POLLIN, 0}}};
    while (!stop.stop_requested()) {
        if (::poll(ends.data(), ends.size(), patience) <= 0)
            continue;
        for (const auto way : {Way::up, Way::down}) {
            const auto& from = ends.at(way == Way::up ? 0 : 1);
            if (from.revents == 0)
                continue;
            const bool hit = script.fault != Fault::none && way == script.way;
            const auto most = !hit               ? bytes.size()
                              : script.after > 0 ? std::min(script.after, bytes.size())
                                                 : std::size_t{1};
            if (hit && script.after == 0 && script.fault != Fault::trickle)
                return script.fault == Fault::silence || script.fault == Fault::stall
                           ? keepSilent(terminal, script.fault == Fault::silence, stop)
                           : void();
            const auto got = ::recv(from.fd, bytes.data(), most, 0);
            if (got <= 0 ||
                !sendAll(way == Way::up ? backOffice : terminal, bytes.data(), static_cast<std::size_t>(got)))
                return;
            if (hit && script.after == 0) { // the trickle
                if ((ends[0].revents & POLLRDHUP) != 0)
                    return; // the next connection would wait until all that it had sent has passed
                std::this_thread::sleep_for(std::chrono::milliseconds{20});
            }
            if (hit)
                script.after -= std::min(script.after, static_cast<std::size_t>(got));
            const std::scoped_lock lock(mutex_);
            (way == Way::up ? carried_.up : carried_.down) += static_cast<std::size_t>(got);
        }
    }
}

} // namespace ykt::firmware::courier
