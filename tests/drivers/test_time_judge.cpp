#include "drivers/system/time_judge.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::drivers;
using namespace std::chrono_literals;
using hal::TimeVerdict;

namespace {

constexpr WallTime day(int year, unsigned month, unsigned dayOfMonth) {
    return std::chrono::sys_days{std::chrono::year{year} / month / dayOfMonth};
}
constexpr WallTime today = day(2027, 3, 1);

// A machine whose wall clock the test sets, and whose kernel says what it is told to.
struct Machine {
    explicit Machine(WallTime start, WallTime latestKnown = {})
        : judge(latestKnown), reading{start, {}, false} {
        reading.monotonic += 20s; // since boot
    }
    TimeTrust trust() { return judge.judge(reading); }
    TimeTrust after(Milliseconds time) {
        reading.wall += time;
        reading.monotonic += time;
        return trust();
    }
    TimeTrust stepTo(WallTime wall) {
        reading.wall = wall;
        return trust();
    }
    TimeTrust synchronised(bool is) {
        reading.synchronised = is;
        return trust();
    }
    TimeTrust hear(TimeVerdict verdict) {
        judge.hear(verdict, reading);
        return trust();
    }

    TimeJudge judge;
    ClockReading reading;
};

} // namespace

TEST_CASE("a clock is believed at boot by what the terminal remembers") {
    CHECK(Machine(today).trust() == TimeTrust::holdover);
    CHECK(Machine(today, today - 24h).trust() == TimeTrust::holdover);
    CHECK(Machine(today, today + 1s).trust() == TimeTrust::holdover); // what setting a clock right may take
    CHECK(Machine(today, today + 6s).trust() == TimeTrust::suspect);
    CHECK(Machine(today, today + 1h).trust() == TimeTrust::suspect);
    CHECK(Machine(day(2025, 12, 31)).trust() == TimeTrust::suspect); // before the program was written
}

TEST_CASE("clocks that were never set are suspect until something sets them") {
    for (const auto never : {WallTime{}, WallTime{} + 1s, day(1980, 1, 1), day(2000, 1, 1),
                             wallFromUnixSeconds(INT32_MAX), wallFromUnixSeconds(INT32_MAX) + 1s,
                             day(2099, 12, 31), wallFromUnixSeconds(INT64_C(0xFFFFFFFF)), WallTime{} - 1h}) {
        CAPTURE(unixSeconds(never));
        Machine machine(never, today);
        CHECK(machine.trust() == TimeTrust::suspect);
        CHECK(machine.after(1h) == TimeTrust::suspect);
        CHECK(machine.judge.latestKnown() == today);
        machine.stepTo(today + 48h);
        CHECK(machine.synchronised(true) == TimeTrust::synced);
        CHECK(machine.judge.latestKnown() == today + 48h);
    }
}

TEST_CASE("times after 2038 are as good as any where they are synced") {
    const auto late = day(2038, 1, 19) + 4h; // 3:14:08 is where 32 bits end
    Machine machine(late, day(2038, 1, 18));
    CHECK(machine.trust() == TimeTrust::holdover);
    CHECK(machine.synchronised(true) == TimeTrust::synced);
    CHECK(machine.judge.latestKnown() == late);
    Machine fresh(late);
    CHECK(fresh.trust() == TimeTrust::suspect); // nobody says so, and it is far ahead of all that is known
    CHECK(fresh.synchronised(true) == TimeTrust::synced);
    CHECK(Machine(day(2107, 1, 1), day(2106, 12, 1)).trust() == TimeTrust::holdover);
}

TEST_CASE("a step back of a clock that nobody synchronises is seen, though nothing is remembered") {
    Machine machine(today);
    CHECK(machine.after(2h) == TimeTrust::holdover);
    CHECK(machine.stepTo(machine.reading.wall - 1h) == TimeTrust::suspect);
    CHECK(machine.after(24h) == TimeTrust::suspect); // it does not heal by waiting
    CHECK(machine.stepTo(machine.reading.wall + 1h) == TimeTrust::holdover);
    CHECK(machine.stepTo(machine.reading.wall - 2s) == TimeTrust::holdover);
}

TEST_CASE("a step back behind a synced time is suspect even if the kernel believes it") {
    Machine machine(today);
    CHECK(machine.synchronised(true) == TimeTrust::synced);
    CHECK(machine.stepTo(today - 1h) == TimeTrust::suspect);
    CHECK(machine.after(1h) == TimeTrust::synced); // caught up
}

TEST_CASE("a jump ahead of a clock that nobody synchronises is suspect and poisons nothing") {
    Machine machine(today, today - 1h);
    CHECK(machine.trust() == TimeTrust::holdover);
    CHECK(machine.stepTo(day(2037, 3, 1)) == TimeTrust::suspect);
    CHECK(machine.judge.latestKnown() == today - 1h);
    CHECK(machine.stepTo(today + 1min) == TimeTrust::holdover);
    CHECK(machine.stepTo(today + 1h) == TimeTrust::suspect); // a hand on it, though not far
    CHECK(machine.synchronised(true) == TimeTrust::synced);
    CHECK(machine.synchronised(false) == TimeTrust::holdover);
    CHECK(machine.judge.latestKnown() == today + 1h);
}

TEST_CASE("the back office confirms a clock for a day") {
    Machine machine(today);
    CHECK(machine.hear(TimeVerdict::differs_a_little) == TimeTrust::holdover);
    CHECK(machine.hear(TimeVerdict::agrees) == TimeTrust::synced);
    CHECK(machine.judge.latestKnown() == today);
    CHECK(machine.after(24h) == TimeTrust::synced);
    CHECK(machine.after(1s) == TimeTrust::holdover);
    CHECK(machine.hear(TimeVerdict::agrees) == TimeTrust::synced);
    CHECK(machine.stepTo(machine.reading.wall + 10s) == TimeTrust::holdover); // not the clock it confirmed
}

TEST_CASE("the back office makes a clock suspect until it is set or agreed with") {
    Machine machine(today);
    CHECK(machine.synchronised(true) == TimeTrust::synced);
    CHECK(machine.hear(TimeVerdict::differs) == TimeTrust::suspect);
    CHECK(machine.after(48h) == TimeTrust::suspect);
    SECTION("it was set") {
        CHECK(machine.stepTo(machine.reading.wall + 1h) == TimeTrust::synced);
    }
    SECTION("it is agreed with") {
        CHECK(machine.hear(TimeVerdict::agrees) == TimeTrust::synced);
    }
    SECTION("it is not objected to") {
        CHECK(machine.hear(TimeVerdict::differs_a_little) == TimeTrust::synced);
    }
}

TEST_CASE("a latest known time that a wrong synchronisation moved ahead is taken back by the back office") {
    Machine machine(day(2036, 1, 1));
    machine.synchronised(true);
    machine.stepTo(today);
    CHECK(machine.synchronised(true) == TimeTrust::suspect);
    CHECK(machine.hear(TimeVerdict::agrees) == TimeTrust::synced);
    CHECK(machine.judge.latestKnown() == today);
    CHECK(machine.hear(TimeVerdict::differs) == TimeTrust::suspect);
}
