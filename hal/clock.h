#pragma once

#include "base/time.h"

namespace ykt::hal {

// The only way to learn what time it is. drivers/system has the real one; tests and vectors bring their own.
class Clock {
  public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Instant now() const = 0;
};

// A clock that stands still until it is told to move. Not synchronised: one thread moves it.
class ManualClock : public Clock {
  public:
    explicit ManualClock(WallTime start, TimeTrust trust = TimeTrust::synced) {
        instant_.wall = start;
        instant_.trust = trust;
        instant_.boot.fill(0xB0);
    }
    [[nodiscard]] Instant now() const override { return instant_; }
    void advance(Milliseconds by) {
        instant_.wall += by;
        instant_.monotonic += by;
    }
    void stepWall(WallTime to) { instant_.wall = to; }
    void setTrust(TimeTrust trust) { instant_.trust = trust; }
    void reboot() {
        ++instant_.boot[0];
        instant_.monotonic = MonotonicTime{};
    }

  private:
    Instant instant_;
};

} // namespace ykt::hal
