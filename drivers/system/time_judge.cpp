#include "drivers/system/time_judge.h"

#include <algorithm>

namespace ykt::drivers {
namespace {

using namespace std::chrono_literals;

constexpr WallTime writtenIn = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
// A step that setting a clock right may take.
constexpr Milliseconds correction = 5s;
// A clock that nobody synchronises keeps step with the monotonic one; more than this is a hand on it.
constexpr Milliseconds step = 60s;
// What a crystal drifts in it is well below the correction.
constexpr auto confirmationHolds = 24h;
constexpr auto longestOnAShelf = std::chrono::years{5};

Milliseconds offsetOf(const ClockReading& reading) {
    return reading.wall.time_since_epoch() -
           std::chrono::floor<Milliseconds>(reading.monotonic.time_since_epoch());
}

bool near(Milliseconds one, Milliseconds other, Milliseconds tolerance) {
    return std::chrono::abs(one - other) <= tolerance;
}

} // namespace

TimeTrust TimeJudge::judge(const ClockReading& reading) {
    const auto offset = offsetOf(reading);
    if (doubted_ && near(*doubted_, offset, step))
        return TimeTrust::suspect;
    doubted_.reset(); // the clock was set since
    if (reading.wall < earliest())
        return TimeTrust::suspect;
    if (reading.synchronised || isConfirmed(reading)) {
        kept_ = offset;
        remember(reading.wall);
        return TimeTrust::synced;
    }
    if (reading.wall > earliest() + longestOnAShelf)
        return TimeTrust::suspect;
    if (!kept_)
        kept_ = offset;
    return near(*kept_, offset, step) ? TimeTrust::holdover : TimeTrust::suspect;
}

void TimeJudge::hear(hal::TimeVerdict verdict, const ClockReading& reading) {
    doubted_.reset();
    if (verdict == hal::TimeVerdict::differs)
        doubted_ = offsetOf(reading);
    if (verdict != hal::TimeVerdict::agrees)
        return;
    confirmed_ = Confirmation{offsetOf(reading), reading.monotonic};
    latestKnown_ = reading.wall;
}

void TimeJudge::remember(WallTime passed) {
    latestKnown_ = std::max(latestKnown_, passed);
}

bool TimeJudge::isConfirmed(const ClockReading& reading) const {
    return confirmed_ && near(confirmed_->offset, offsetOf(reading), correction) &&
           reading.monotonic - confirmed_->at <= confirmationHolds;
}

WallTime TimeJudge::earliest() const {
    return std::max(writtenIn, latestKnown_ - correction);
}

} // namespace ykt::drivers
