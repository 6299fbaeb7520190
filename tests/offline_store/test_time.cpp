#include "tests/offline_store/fixture.h"

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

TEST_CASE_METHOD(Fixture, "a store that never saw a synced time knows none") {
    clock.setTrust(TimeTrust::holdover);
    auto store = open();
    CHECK(store->latestKnown().value() == WallTime{});
    REQUIRE(store->rememberTime());
    REQUIRE(store->append(entry()));
    CHECK(store->latestKnown().value() == WallTime{});
}

TEST_CASE_METHOD(Fixture, "the newest synced record tells the latest known time, and no other does") {
    auto store = open();
    REQUIRE(store->append(entry()));
    clock.stepWall(start + 24h * 3650);
    clock.setTrust(TimeTrust::suspect);
    REQUIRE(store->append(entry()));
    clock.setTrust(TimeTrust::holdover);
    REQUIRE(store->append(entry()));
    store.reset();
    CHECK(open()->latestKnown().value() == start);
}

TEST_CASE_METHOD(Fixture, "a terminal at rest remembers a synced time hourly") {
    auto store = open();
    REQUIRE(store->rememberTime());
    CHECK(store->latestKnown().value() == start);
    clock.advance(59min);
    REQUIRE(store->rememberTime());
    CHECK(store->latestKnown().value() == start);
    clock.advance(1min);
    REQUIRE(store->rememberTime());
    CHECK(store->latestKnown().value() == start + 1h);
    clock.advance(24h);
    clock.setTrust(TimeTrust::holdover);
    REQUIRE(store->rememberTime());
    store.reset();
    CHECK(open()->latestKnown().value() == start + 1h);
}

TEST_CASE_METHOD(Fixture, "a synced time that was put right takes the remembered one back") {
    auto store = open();
    clock.stepWall(start + 24h * 3650);
    REQUIRE(store->rememberTime());
    clock.stepWall(start);
    REQUIRE(store->rememberTime());
    CHECK(store->latestKnown().value() == start);
}
