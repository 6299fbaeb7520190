#include "crypto/socket_wait.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace ykt::crypto {

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

OwnedDescriptor::~OwnedDescriptor() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

SocketWait::SocketWait()
    : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      stopEvent_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

void SocketWait::start(Milliseconds fromNow, std::stop_token stop) {
    onStop_.reset();
    eventfd_t earlier = 0;
    ::eventfd_read(stopEvent_.get(), &earlier);
    onStop_.emplace(std::move(stop), [event = stopEvent_.get()] { ::eventfd_write(event, 1); });

    itimerspec deadline{};
    const auto seconds = std::chrono::floor<std::chrono::seconds>(fromNow);
    deadline.it_value.tv_sec = seconds.count();
    deadline.it_value.tv_nsec = std::chrono::nanoseconds(fromNow - seconds).count();
    if (fromNow <= Milliseconds::zero())
        deadline.it_value = {0, 1}; // zero would disarm it
    ::timerfd_settime(timer_.get(), 0, &deadline, nullptr);
}

Result<void> SocketWait::until(int socket, short events) {
    if (timer_.get() < 0 || stopEvent_.get() < 0)
        return fail(Reason::crypto_failed, "no file descriptors left");
    std::array<pollfd, 3> watched{
        {{stopEvent_.get(), POLLIN, 0}, {timer_.get(), POLLIN, 0}, {socket, events, 0}}};
    while (::poll(watched.data(), watched.size(), -1) < 0)
        if (errno != EINTR)
            return fail(Reason::crypto_failed, "poll");
    if (watched[0].revents != 0)
        return fail(Reason::cancelled);
    if (watched[1].revents != 0) // before the socket: a peer that trickles bytes gains no time
        return fail(Reason::upstream_timeout);
    return {};
}

} // namespace ykt::crypto
