#include "drivers/system/clock.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace ykt;
using namespace ykt::drivers;

TEST_CASE("a wall clock is believed by what is known of it") {
    const WallTime now = std::chrono::sys_days{std::chrono::year{2027} / 3 / 1};
    const WallTime before2026 = std::chrono::sys_days{std::chrono::year{2025} / 12 / 31};
    CHECK(judgeTime(now, {}, true) == TimeTrust::synced);
    CHECK(judgeTime(now, {}, false) == TimeTrust::holdover);
    CHECK(judgeTime(now, now, false) == TimeTrust::holdover);
    CHECK(judgeTime(now, now + Milliseconds{1}, true) == TimeTrust::suspect);
    CHECK(judgeTime(before2026, {}, true) == TimeTrust::suspect);
    CHECK(judgeTime(WallTime{}, {}, false) == TimeTrust::suspect);
}

TEST_CASE("the system clock reads the machine's clocks") {
    const SystemClock clock;
    const auto first = clock.now();
    const auto second = clock.now();
    const auto real = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    CHECK(first.wall <= real);
    CHECK(real - first.wall < std::chrono::seconds{60});
    CHECK(second.monotonic > first.monotonic);
    CHECK(second.monotonic - first.monotonic < std::chrono::seconds{60});
    CHECK(first.boot == second.boot);
    CHECK(first.boot != BootId{});
    CHECK(SystemClock().now().boot == first.boot); // of the machine, not of the object
}

TEST_CASE("a clock behind the latest known time is suspect") {
    const SystemClock clock(SystemClock().now().wall + std::chrono::hours{24});
    CHECK(clock.now().trust == TimeTrust::suspect);
}
