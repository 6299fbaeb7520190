// The one official time of the country, UTC+8 without summer time, as cards carry it.
#pragma once

#include "base/time.h"

#include <optional>

namespace ykt {

inline constexpr std::chrono::hours chinaOffset{8};

using LocalTime = ByteArray<7>; // YYYYMMDDhhmmss, BCD, in China

// Precondition: the year has four digits.
LocalTime localTimeOf(WallTime time);

// nullopt: not BCD, or no time of the calendar.
std::optional<WallTime> wallTimeOf(const LocalTime& time);

// The day in China, counted from 1970-01-01.
inline std::int64_t dayNumberInChina(WallTime time) {
    return std::chrono::floor<std::chrono::days>(time + chinaOffset).time_since_epoch().count();
}

} // namespace ykt
