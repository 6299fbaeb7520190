// Time as values. Nothing here asks what time it is: hal::Clock does.
#pragma once

#include "base/bytes.h"

#include <chrono>

namespace ykt {

using Milliseconds = std::chrono::milliseconds;
using WallTime = std::chrono::sys_time<Milliseconds>; // UTC
// Time since boot, including sleep; never steps. Comparable only within one boot.
using MonotonicTime = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using BootId = ByteArray<16>;

// How far the wall clock can be believed.
enum class TimeTrust {
    synced,   // set by a trusted source in this boot
    holdover, // kept by an RTC or by the last known time
    suspect,  // behind the last known time, or never set
};

struct Instant {
    WallTime wall{};
    MonotonicTime monotonic{};
    BootId boot{};
    TimeTrust trust = TimeTrust::suspect;
};

inline std::int64_t unixSeconds(WallTime time) {
    return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
inline std::int64_t unixMilliseconds(WallTime time) {
    return time.time_since_epoch().count();
}
inline WallTime wallFromUnixSeconds(std::int64_t seconds) {
    return WallTime{std::chrono::seconds{seconds}};
}
inline WallTime wallFromUnixMilliseconds(std::int64_t ms) {
    return WallTime{Milliseconds{ms}};
}

std::string_view nameOf(TimeTrust trust);
// "2026-11-24T07:48:57.123Z"
std::string formatUtc(WallTime time);

} // namespace ykt
