#include "drivers/stop_wake.h"

#include <algorithm>
#include <array>
#include <climits>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ykt::drivers {

StopWake::StopWake() : stopped_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

StopWake::~StopWake() {
    if (stopped_ >= 0)
        ::close(stopped_);
}

Result<short> StopWake::await(int device, short events, const std::stop_token& stop, Milliseconds timeout,
                              const Poll& poll) {
    const std::stop_callback wakeUp(stop, [this] { ::eventfd_write(stopped_, 1); });
    std::array<pollfd, 2> waits{pollfd{device, events, 0}, pollfd{stopped_, POLLIN, 0}};
    const auto limit = std::clamp<Milliseconds::rep>(timeout.count(), 0, INT_MAX);
    const int ready = poll(waits.data(), waits.size(), static_cast<int>(limit));
    if (stop.stop_requested()) {
        eventfd_t count = 0;
        ::eventfd_read(stopped_, &count);
        return fail(Reason::cancelled);
    }
    return ready > 0 ? waits[0].revents : short{0}; // a signal's interruption is an early time-out
}

} // namespace ykt::drivers
