#include "fixture.h"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

namespace {

Entry claiming(std::vector<Claim> claims) {
    auto made = entry();
    made.claims = std::move(claims);
    return made;
}

} // namespace

TEST_CASE_METHOD(Fixture, "an interval holds until its end and not longer") {
    const auto store = open();
    const auto until = start + 5min;
    const auto ride = claiming({{claimKey(1), until, Reason::repeated_too_soon}});
    REQUIRE(store->append(ride));
    CHECK(*store->isClaimed(claimKey(1), start));
    CHECK(*store->isClaimed(claimKey(1), until - 1ms));
    CHECK_FALSE(*store->isClaimed(claimKey(1), until));
    CHECK_FALSE(*store->isClaimed(claimKey(2), start));

    clock.advance(5min - 1ms);
    CHECK(store->append(ride).error() == Reason::repeated_too_soon);
    clock.advance(1ms);
    CHECK(store->append(claiming({{claimKey(1), until + 5min, Reason::repeated_too_soon}})));
    CHECK(*store->isClaimed(claimKey(1), until));
}

TEST_CASE_METHOD(Fixture, "a clock that is set back locks nobody out for longer than the interval") {
    const auto store = open();
    const auto ride = [&] {
        return claiming({{claimKey(1), clock.now().wall + 10s, Reason::repeated_too_soon}});
    };
    REQUIRE(store->append(ride()));
    clock.stepWall(start - 5s); // setting a clock right: the interval holds, 5 s longer
    CHECK(*store->isClaimed(claimKey(1), clock.now().wall));
    CHECK(store->append(ride()).error() == Reason::repeated_too_soon);
    clock.stepWall(start - 1h); // measured by another clock: it tells nothing
    CHECK_FALSE(*store->isClaimed(claimKey(1), clock.now().wall));
    REQUIRE(store->append(ride()));
    CHECK(store->append(ride()).error() == Reason::repeated_too_soon);
    clock.advance(10s);
    CHECK(store->append(ride()));
}

TEST_CASE_METHOD(Fixture,
                 "a code that was taken stays taken, however the clock steps and the terminal restarts") {
    const auto code = claiming({{claimKey(1), start + 5min, Reason::already_used}});
    REQUIRE(open()->append(code));
    struct Step {
        const char* name;
        void (*take)(hal::ManualClock&);
    };
    const std::vector<Step> steps{
        {"past its validity", [](hal::ManualClock& c) { c.stepWall(start + 5min); }},
        {"a day ahead", [](hal::ManualClock& c) { c.stepWall(start + 25h); }},
        {"a month ahead, not trusted",
         [](hal::ManualClock& c) {
             c.stepWall(start + std::chrono::days{30});
             c.setTrust(TimeTrust::suspect);
         }},
        {"an hour back",
         [](hal::ManualClock& c) {
             c.stepWall(start - 1h);
             c.setTrust(TimeTrust::synced);
         }},
        {"years back", [](hal::ManualClock& c) { c.stepWall(wallFromUnixSeconds(1'500'000'000)); }},
        {"right", [](hal::ManualClock& c) { c.stepWall(start + 1min); }},
    };
    std::vector<std::size_t> order{0, 1, 2, 3, 4, 5};
    std::size_t refused = 0;
    for (int round = 0; round < 6; ++round) {
        auto store = open();
        for (const auto index : order) {
            const auto& step = steps[index];
            step.take(clock);
            if ((round + static_cast<int>(index)) % 2 == 0) {
                store.reset();
                clock.reboot();
                store = open();
            }
            INFO(step.name);
            REQUIRE(*store->isClaimed(claimKey(1), clock.now().wall));
            REQUIRE(store->append(code).error() == Reason::already_used);
            ++refused;
        }
        std::rotate(order.begin(), order.begin() + 1, order.end());
        if (round == 2)
            std::reverse(order.begin(), order.end());
    }
    CHECK(refused == 36);
}

TEST_CASE_METHOD(Fixture, "each claim refuses with its own reason, and a refused record claims nothing") {
    const auto store = open();
    const auto until = start + std::chrono::minutes{5};
    REQUIRE(store->append(claiming({{claimKey(1), until, Reason::repeated_too_soon}})));
    const auto refused = store->append(claiming(
        {{claimKey(2), until, Reason::already_used}, {claimKey(1), until, Reason::repeated_too_soon}}));
    CHECK(refused.error() == Reason::repeated_too_soon);
    CHECK_FALSE(*store->isClaimed(claimKey(2), start));
    CHECK(store->counts()->pending == 1);
}

TEST_CASE_METHOD(Fixture, "what was for once is forgotten a week after its end, by a clock that is trusted") {
    REQUIRE(open()->append(claiming(
        {{claimKey(1), start, Reason::already_used}, {claimKey(2), start, Reason::repeated_too_soon}})));
    const auto kept = [&] { return direct().execAndGet("SELECT count(*) FROM claim").getInt(); };
    clock.advance(24h - 1ms);
    open();
    CHECK(kept() == 2);
    clock.advance(1ms);
    open();
    CHECK(kept() == 1); // an interval goes after a day
    clock.advance(std::chrono::days{6} - 1ms);
    open();
    CHECK(kept() == 1);
    clock.advance(1ms);
    clock.setTrust(GENERATE(TimeTrust::holdover, TimeTrust::suspect));
    open();
    CHECK(kept() == 1);
    clock.setTrust(TimeTrust::synced);
    open();
    CHECK(kept() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "beyond their limit intervals are forgotten first, then the codes that ended first") {
    options.limits.claims = 3;
    auto store = open();
    for (std::uint8_t number = 1; number <= 4; ++number)
        REQUIRE(store->append(claiming({{claimKey(number), start + number * 1min, Reason::already_used}})));
    REQUIRE(store->append(claiming({{claimKey(5), start + 1h, Reason::repeated_too_soon}})));
    store.reset();
    const auto again = open();
    for (std::uint8_t number = 2; number <= 4; ++number)
        CHECK(*again->isClaimed(claimKey(number), start));
    CHECK_FALSE(*again->isClaimed(claimKey(1), start));
    CHECK_FALSE(*again->isClaimed(claimKey(5), start));
}

TEST_CASE_METHOD(Fixture, "of two lanes that present one code at once exactly one wins") {
    const auto store = open();
    for (std::uint8_t round = 0; round < 50; ++round) {
        std::atomic<int> ready{0};
        std::atomic<int> won{0};
        std::atomic<int> refused{0};
        const auto lane = [&] {
            const auto ride =
                claiming({{claimKey(round), start + std::chrono::minutes{5}, Reason::already_used}});
            ++ready;
            while (ready < 2)
                std::this_thread::yield();
            const auto appended = store->append(ride);
            won += appended.has_value();
            refused += !appended && appended.error() == Reason::already_used;
        };
        std::thread other(lane);
        lane();
        other.join();
        REQUIRE(won == 1);
        REQUIRE(refused == 1);
    }
    CHECK(store->counts()->pending == 50);
}
