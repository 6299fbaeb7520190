#include "fixture.h"

#include <atomic>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

Entry claiming(std::vector<Claim> claims) {
    auto made = entry();
    made.claims = std::move(claims);
    return made;
}

} // namespace

TEST_CASE_METHOD(Fixture, "a claim holds until its end and not longer") {
    const auto store = open();
    const auto until = start + std::chrono::minutes{5};
    const auto ride = claiming({{claimKey(1), until, Reason::already_used}});
    REQUIRE(store->append(ride));
    CHECK(*store->isClaimed(claimKey(1), start));
    CHECK(*store->isClaimed(claimKey(1), until - Milliseconds{1}));
    CHECK_FALSE(*store->isClaimed(claimKey(1), until));
    CHECK_FALSE(*store->isClaimed(claimKey(2), start));

    clock.advance(std::chrono::minutes{5} - Milliseconds{1});
    CHECK(store->append(ride).error() == Reason::already_used);
    clock.advance(Milliseconds{1});
    CHECK(store->append(claiming({{claimKey(1), until + std::chrono::minutes{5}, Reason::already_used}})));
    CHECK(*store->isClaimed(claimKey(1), until));
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

TEST_CASE_METHOD(Fixture, "claims outlive the process, and old ones are forgotten a day later") {
    const auto until = start + std::chrono::minutes{5};
    REQUIRE(open()->append(claiming({{claimKey(1), until, Reason::already_used}})));
    const auto kept = [&] { return direct().execAndGet("SELECT count(*) FROM claim").getInt(); };
    clock.advance(std::chrono::hours{24});
    CHECK(open()->append(claiming({{claimKey(2), start, Reason::already_used}})));
    CHECK(kept() == 2);
    clock.advance(std::chrono::minutes{5});
    open();
    CHECK(kept() == 0);
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
