// How far a wall clock can be believed, from what is known of it. It reads no clock itself.
#pragma once

#include "hal/time_keeper.h"

#include <optional>

namespace ykt::drivers {

struct ClockReading {
    WallTime wall{};
    MonotonicTime monotonic{};
    bool synchronised = false; // as the kernel says of its wall clock
};

// Suspect: before the year in which this program was written or behind the latest known time (never set, an
// RTC that lost its battery, 1970); while nothing synchronises it, further ahead than a terminal lies on a
// shelf, or stepped while the program ran; or contradicted by the back office.
// Synced: the kernel says so, or the back office confirmed it in the last day and it has not stepped since.
// Holdover: all else. docs/store.md, "Time", has the why of each.
class TimeJudge {
  public:
    explicit TimeJudge(WallTime latestKnown = {}) : latestKnown_(latestKnown) {}

    // Only a synced time moves the latest known one: a clock that jumps ahead must not make all later times
    // look too early.
    TimeTrust judge(const ClockReading& reading);
    // `reading` is the clock's as the verdict came. One that agrees also takes the latest known time back,
    // where a wrong synchronisation had moved it ahead.
    void hear(hal::TimeVerdict verdict, const ClockReading& reading);
    void remember(WallTime passed);

    [[nodiscard]] WallTime latestKnown() const { return latestKnown_; }

  private:
    // Wall less monotonic time: as long as it stays, the wall clock has not stepped.
    using Offset = Milliseconds;
    struct Confirmation {
        Offset offset{};
        MonotonicTime at{};
    };
    [[nodiscard]] bool isConfirmed(const ClockReading& reading) const;
    [[nodiscard]] WallTime earliest() const;

    WallTime latestKnown_;
    std::optional<Offset> kept_; // since the clock was first believed or last synced
    std::optional<Offset> doubted_;
    std::optional<Confirmation> confirmed_;
};

} // namespace ykt::drivers
