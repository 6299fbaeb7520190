#include "drivers/pcsc/watchdog.h"
#include "drivers/system/clock.h"

#include <catch2/catch.hpp>
#include <future>

using namespace ykt;
using namespace ykt::drivers::pcsc;
using namespace std::chrono_literals;

TEST_CASE("a limit that passes acts once, at its time") {
    const drivers::SystemClock clock;
    Watchdog watchdog(clock);
    std::promise<MonotonicTime> acted;
    const auto begin = clock.now().monotonic;
    const auto limit = watchdog.arm(30ms, [&] { acted.set_value(clock.now().monotonic); });
    auto moment = acted.get_future();
    REQUIRE(moment.wait_for(10s) == std::future_status::ready);
    CHECK(moment.get() - begin >= 30ms);
}

TEST_CASE("a limit that is kept does not act, and the shortest limit is heeded first") {
    const drivers::SystemClock clock;
    Watchdog watchdog(clock);
    std::atomic<int> kept = 0;
    std::promise<void> passed;
    const auto longest = watchdog.arm(1h, [&] { ++kept; });
    for (int i = 0; i < 1000; ++i)
        const auto brief = watchdog.arm(1min, [&] { ++kept; });
    const auto shortest = watchdog.arm(10ms, [&] { passed.set_value(); });
    CHECK(passed.get_future().wait_for(10s) == std::future_status::ready);
    CHECK(kept == 0);
}

TEST_CASE("a watchdog with limits in force ends at once") {
    const drivers::SystemClock clock;
    const auto begin = clock.now().monotonic;
    { Watchdog watchdog(clock); }
    {
        Watchdog watchdog(clock);
        const auto limit = watchdog.arm(1h, [] {});
    }
    CHECK(clock.now().monotonic - begin < 10s);
}
