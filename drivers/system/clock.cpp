#include "drivers/system/clock.h"

#include "base/hex.h"
#include "crypto/random.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <string>
#include <sys/timex.h>

namespace ykt::drivers {
namespace {

constexpr WallTime kWrittenIn = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

BootId readBootId() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string text;
    std::getline(file, text);
    std::erase(text, '-');
    Bytes bytes = fromHex(text).value_or(Bytes{});
    BootId boot{};
    // Without the kernel's id, monotonic times of earlier runs must not look comparable: a boot of its own.
    if (bytes.size() != boot.size())
        bytes = crypto::randomBytes(boot.size()).value_or(Bytes(boot.size()));
    std::copy_n(bytes.begin(), boot.size(), boot.begin());
    return boot;
}

std::chrono::nanoseconds read(clockid_t id) {
    timespec time{};
    ::clock_gettime(id, &time);
    return std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec};
}

bool kernelIsSynchronised() {
    timex status{}; // modes = 0: only asks
    return ::adjtimex(&status) != -1 && (status.status & STA_UNSYNC) == 0;
}

} // namespace

TimeTrust judgeTime(WallTime wall, WallTime latestKnown, bool synchronised) {
    if (wall < std::max(kWrittenIn, latestKnown))
        return TimeTrust::suspect;
    return synchronised ? TimeTrust::synced : TimeTrust::holdover;
}

std::chrono::nanoseconds sleptSinceBoot() {
    const auto awake = read(CLOCK_MONOTONIC);
    return std::max(std::chrono::nanoseconds{0}, read(CLOCK_BOOTTIME) - awake);
}

SystemClock::SystemClock(WallTime latestKnown) : latestKnown_(latestKnown), boot_(readBootId()) {}

Instant SystemClock::now() const {
    const WallTime wall{std::chrono::floor<Milliseconds>(read(CLOCK_REALTIME))};
    return {.wall = wall,
            .monotonic = MonotonicTime{read(CLOCK_BOOTTIME)},
            .boot = boot_,
            .trust = judgeTime(wall, latestKnown_, kernelIsSynchronised())};
}

} // namespace ykt::drivers
