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

ClockReading readClocks() {
    return {.wall = WallTime{std::chrono::floor<Milliseconds>(read(CLOCK_REALTIME))},
            .monotonic = MonotonicTime{read(CLOCK_BOOTTIME)},
            .synchronised = kernelIsSynchronised()};
}

} // namespace

std::chrono::nanoseconds sleptSinceBoot() {
    const auto awake = read(CLOCK_MONOTONIC);
    return std::max(std::chrono::nanoseconds{0}, read(CLOCK_BOOTTIME) - awake);
}

SystemClock::SystemClock() : boot_(readBootId()) {}

Instant SystemClock::now() const {
    const std::scoped_lock lock(mutex_);
    const auto reading = readClocks();
    return {
        .wall = reading.wall, .monotonic = reading.monotonic, .boot = boot_, .trust = judge_.judge(reading)};
}

void SystemClock::remember(WallTime passed) {
    const std::scoped_lock lock(mutex_);
    judge_.remember(passed);
}

void SystemClock::hear(hal::TimeVerdict verdict) {
    const std::scoped_lock lock(mutex_);
    judge_.hear(verdict, readClocks());
}

} // namespace ykt::drivers
