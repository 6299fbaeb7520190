// Time that this thread has computed: what other programs take of a shared machine does not count.
#pragma once

#include "hal/clock.h"

#include <ctime>

namespace ykt::bench {

class ThreadTime final : public hal::Clock {
  public:
    [[nodiscard]] Instant now() const override {
        timespec used{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
        Instant instant;
        instant.monotonic =
            MonotonicTime{std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec}};
        return instant;
    }
};

inline double millisecondsOf(auto&& work) {
    const ThreadTime clock;
    const auto start = clock.now().monotonic;
    work();
    return std::chrono::duration<double, std::milli>(clock.now().monotonic - start).count();
}

} // namespace ykt::bench
