// The real clock of the machine.
#pragma once

#include "hal/clock.h"

namespace ykt::drivers {

// How far `wall` can be believed: suspect before the year in which this program was written and before
// `latestKnown`, else synced or holdover by what the kernel says of its synchronisation.
TimeTrust judgeTime(WallTime wall, WallTime latestKnown, bool synchronised);

// How long the machine slept since boot: by so much the monotonic time here is ahead of CLOCK_MONOTONIC, by
// which drivers of the kernel stamp what they deliver.
std::chrono::nanoseconds sleptSinceBoot();

// Any thread may call now().
class SystemClock : public hal::Clock {
  public:
    // `latestKnown`: the newest time that the terminal is sure to have passed, as its store remembers it.
    explicit SystemClock(WallTime latestKnown = {});

    // wall is CLOCK_REALTIME, monotonic is CLOCK_BOOTTIME (it counts sleep), boot is the kernel's boot_id.
    [[nodiscard]] Instant now() const override;

  private:
    WallTime latestKnown_;
    BootId boot_;
};

} // namespace ykt::drivers
