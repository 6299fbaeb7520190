// The real clock of the machine.
#pragma once

#include "drivers/system/time_judge.h"
#include "hal/clock.h"

#include <mutex>

namespace ykt::drivers {

// How long the machine slept since boot: by so much the monotonic time here is ahead of CLOCK_MONOTONIC, by
// which drivers of the kernel stamp what they deliver.
std::chrono::nanoseconds sleptSinceBoot();

// Any thread may call everything.
class SystemClock : public hal::Clock, public hal::TimeKeeper {
  public:
    SystemClock();

    // wall is CLOCK_REALTIME, monotonic is CLOCK_BOOTTIME (it counts sleep), boot is the kernel's boot_id.
    [[nodiscard]] Instant now() const override;

    void remember(WallTime passed) override;
    void hear(hal::TimeVerdict verdict) override;

  private:
    const BootId boot_;
    mutable std::mutex mutex_;
    mutable TimeJudge judge_; // what it has seen of the clock is not what a caller can change
};

} // namespace ykt::drivers
