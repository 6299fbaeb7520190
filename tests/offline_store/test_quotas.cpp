#include "fixture.h"

#include <atomic>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

namespace {

constexpr auto ofTerminal = 0;

Entry deferred(std::uint8_t subject, std::uint32_t perSubject, std::uint32_t perTerminal) {
    auto made = entry();
    made.quotas = {{claimKey(subject), perSubject}, {claimKey(ofTerminal), perTerminal}};
    return made;
}

} // namespace

TEST_CASE_METHOD(Fixture, "a quota is used up within a day in China, after restarts too, and begins anew") {
    const WallTime evening = std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} + 15h + 59min;
    clock.stepWall(evening); // 23:59 in China
    REQUIRE(open()->append(deferred(1, 2, 3)));
    REQUIRE(open()->append(deferred(1, 2, 3)));
    CHECK(open()->append(deferred(1, 2, 3)).error() == Reason::deferral_limit);
    REQUIRE(open()->append(deferred(2, 2, 3)));
    CHECK(open()->append(deferred(3, 2, 3)).error() == Reason::deferral_limit);
    CHECK(open()->counts()->pending == 3);

    clock.advance(1min);
    CHECK(open()->append(deferred(1, 2, 3)));
    clock.stepWall(evening); // what was used on a day is not forgotten by a step
    CHECK(open()->append(deferred(1, 2, 3)).error() == Reason::deferral_limit);
}

TEST_CASE_METHOD(Fixture, "a record that is refused uses up nothing, whatever refuses it") {
    const auto store = open();
    auto ride = deferred(1, 1, 10);
    ride.claims = {{claimKey(9), start + 1min, Reason::already_used}};
    REQUIRE(store->append(ride));
    auto used = deferred(2, 1, 10);
    used.claims = ride.claims;
    REQUIRE(store->append(used).error() == Reason::already_used);
    CHECK(store->append(deferred(2, 1, 10)));

    auto limited = deferred(2, 1, 10); // refused by its quota
    limited.claims = {{claimKey(8), start + 1min, Reason::already_used}};
    REQUIRE(store->append(limited).error() == Reason::deferral_limit);
    CHECK_FALSE(*store->isClaimed(claimKey(8), start));
    CHECK(store->append(deferred(3, 1, 3))); // the third of the terminal: the refused ones did not count
    CHECK(store->append(deferred(4, 1, 3)).error() == Reason::deferral_limit);
}

TEST_CASE_METHOD(Fixture, "a quota of none admits none") {
    CHECK(open()->append(deferred(1, 0, 10)).error() == Reason::deferral_limit);
}

TEST_CASE_METHOD(Fixture, "of lanes that race for the last of a quota exactly one wins") {
    const auto store = open();
    std::atomic<int> ready{0};
    std::atomic<int> won{0};
    std::vector<std::thread> lanes;
    for (std::uint8_t lane = 1; lane <= 4; ++lane)
        lanes.emplace_back([&, lane] {
            ++ready;
            while (ready < 4)
                std::this_thread::yield();
            won += store->append(deferred(lane, 1, 1)).has_value();
        });
    for (auto& lane : lanes)
        lane.join();
    CHECK(won == 1);
}

TEST_CASE_METHOD(Fixture, "days of quotas are forgotten after a week, by a clock that is trusted") {
    REQUIRE(open()->append(deferred(1, 1, 1)));
    const auto kept = [&] { return direct().execAndGet("SELECT count(*) FROM quota").getInt(); };
    clock.advance(std::chrono::days{8});
    clock.setTrust(TimeTrust::holdover);
    open();
    CHECK(kept() == 2);
    clock.setTrust(TimeTrust::synced);
    open();
    CHECK(kept() == 0);
}
