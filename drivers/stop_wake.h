// A wait for a device that a stop token ends at once.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <functional>
#include <poll.h>
#include <stop_token>

namespace ykt::drivers {

// One thread waits at a time.
class StopWake {
  public:
    // As poll(2); a driver whose system calls a test plays brings its own.
    using Poll = std::function<int(pollfd* waits, nfds_t count, int milliseconds)>;

    StopWake();
    ~StopWake();
    StopWake(const StopWake&) = delete;
    StopWake& operator=(const StopWake&) = delete;

    // What of `events` (and POLLERR, POLLHUP, POLLNVAL) holds for `device`; 0: nothing within `timeout`.
    // Errors: cancelled (the token was stopped).
    Result<short> await(int device, short events, const std::stop_token& stop, Milliseconds timeout,
                        const Poll& poll = ::poll);

  private:
    int stopped_ = -1; // eventfd; without one (out of descriptors) a stop waits for the time-out
};

} // namespace ykt::drivers
