#include "drivers/system/clock.h"

#include <catch2/catch.hpp>
#include <chrono>

using namespace ykt;
using namespace ykt::drivers;

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
    SystemClock clock;
    clock.remember(clock.now().wall + std::chrono::hours{24});
    CHECK(clock.now().trust == TimeTrust::suspect);
}
