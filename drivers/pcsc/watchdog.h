// Ends what outlasts its limit. One thread for the driver, asleep unless a limit is near.
#pragma once

#include "hal/clock.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace ykt::drivers::pcsc {

// Any thread may call.
class Watchdog {
  public:
    // `clock` must outlive the watchdog and allow calls from its thread.
    explicit Watchdog(const hal::Clock& clock);
    [[nodiscard]] const hal::Clock& clock() const { return clock_; }

    // While it lives, the limit holds. Its end waits for an action that has begun.
    class Limit {
      public:
        ~Limit() { watchdog_.disarm(key_); }
        Limit(const Limit&) = delete;
        Limit& operator=(const Limit&) = delete;

      private:
        friend class Watchdog;
        using Key = std::pair<MonotonicTime, std::uint64_t>;
        Limit(Watchdog& watchdog, Key key) : watchdog_(watchdog), key_(key) {}

        Watchdog& watchdog_;
        Key key_;
    };

    // `action` runs on the watchdog's thread once `limit` has passed; it must be short and must not throw,
    // nor call the watchdog.
    [[nodiscard]] Limit arm(Milliseconds limit, std::function<void()> action);

  private:
    void disarm(Limit::Key key);
    void run(const std::stop_token& stop);

    const hal::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any earlier_; // a limit is nearer than the one that is slept for
    std::map<Limit::Key, std::function<void()>> armed_;
    std::uint64_t count_ = 0; // tells limits of the same moment apart
    MonotonicTime wakes_ = MonotonicTime::max();
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ykt::drivers::pcsc
