#include "fixture.h"

using namespace ykt;
using namespace ykt::offline_store;

using Sequences = std::vector<std::uint64_t>;

namespace {

constexpr Milliseconds minute{60'000};
constexpr std::size_t plenty = 1'000'000;

} // namespace

TEST_CASE_METHOD(Fixture, "money goes first, then access, security events and telemetry, each oldest first") {
    const auto store = open();
    for (const auto recordClass : {RecordClass::telemetry, RecordClass::access, RecordClass::money,
                                   RecordClass::security_event, RecordClass::money, RecordClass::access})
        REQUIRE(store->append(entry(recordClass)));
    CHECK(sequencesOf(*store->lease(100, plenty, minute)) == Sequences{3, 5, 2, 6, 4, 1});
}

TEST_CASE_METHOD(Fixture, "a lease is bounded in records and bytes, but gives at least one") {
    const auto store = open();
    for (int i = 0; i < 5; ++i)
        REQUIRE(store->append(entry(RecordClass::money, std::string(100, ' '))));
    CHECK(sequencesOf(*store->lease(2, plenty, minute)) == Sequences{1, 2});
    CHECK(sequencesOf(*store->lease(9, 200, minute)) == Sequences{3, 4});
    CHECK(sequencesOf(*store->lease(9, 10, minute)) == Sequences{5});
    CHECK(store->lease(9, plenty, minute)->empty());
}

TEST_CASE_METHOD(Fixture, "a leased record is not leased again until the lease ends") {
    const auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->append(entry()));
    CHECK(sequencesOf(*store->lease(1, plenty, minute)) == Sequences{1});
    CHECK(store->counts()->leased == 1);
    CHECK(store->counts()->pending == 1);
    CHECK(store->list(1, 1)->front().state == DeliveryState::leased);
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2});

    SECTION("by its deadline on the monotonic clock") {
        clock.stepWall(start + std::chrono::hours{24});
        CHECK(store->lease(9, plenty, minute)->empty());
        clock.advance(minute);
        CHECK(store->lease(9, plenty, minute)->size() == 2);
    }
    SECTION("by a release, which counts only a real attempt") {
        REQUIRE(store->release({1}, false));
        REQUIRE(store->release({2}, true));
        CHECK(store->list(1, 1)->front().attempts == 0);
        CHECK(store->list(2, 1)->front().attempts == 1);
        CHECK(store->lease(9, plenty, minute)->size() == 2);
    }
    SECTION("by a reboot") {
        clock.reboot();
        CHECK(store->lease(9, plenty, minute)->size() == 2);
    }
}

TEST_CASE_METHOD(Fixture, "leases end with the process") {
    {
        const auto store = open();
        REQUIRE(store->append(entry()));
        REQUIRE(store->lease(9, plenty, minute)->size() == 1);
    }
    CHECK(open()->lease(9, plenty, minute)->size() == 1);
}

TEST_CASE_METHOD(Fixture, "a deferred record waits and counts the attempt, and the others go on") {
    const auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->append(entry()));
    REQUIRE(store->lease(1, plenty, minute)->size() == 1);
    REQUIRE(store->defer({1}, 2 * minute));
    clock.advance(minute);
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2});
    CHECK(store->list(1, 1)->front().attempts == 1);
    clock.advance(minute);
    CHECK(store->lease(9, plenty, minute)->size() == 2);
}

TEST_CASE_METHOD(Fixture, "acknowledged and dead records are settled for good and are kept") {
    {
        const auto store = open();
        for (int i = 0; i < 4; ++i)
            REQUIRE(store->append(entry()));
        REQUIRE(store->lease(9, plenty, minute)->size() == 4);
        REQUIRE(store->acknowledge({{1, "R-1"}, {2, "R-2"}}));
        REQUIRE(store->bury(3, "amount unknown"));
        REQUIRE(store->acknowledge({{1, "R-other"}, {3, "R-3"}})); // late and double receipts change nothing
        CHECK(store->bury(9, "").error() == Reason::record_not_found);
        CHECK(store->acknowledge({{4, "R-4"}, {9, "R-9"}}).error() == Reason::record_not_found);
    }
    const auto store = open();
    const auto counts = *store->counts();
    CHECK(counts.acknowledged == 2);
    CHECK(counts.dead == 1);
    CHECK(counts.pending == 1); // the failed acknowledgement settled neither of its two
    const auto all = *store->list(1, 9);
    CHECK(all[0].state == DeliveryState::acknowledged);
    CHECK(all[0].note == "R-1");
    CHECK(all[0].attempts == 1);
    CHECK(all[2].state == DeliveryState::dead);
    CHECK(all[2].note == "amount unknown");
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{4});
    CHECK(store->read(3));
}

TEST_CASE_METHOD(Fixture, "a full store refuses new money and keeps the old") {
    options.limits.undeliveredMoney = 2;
    auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->append(entry()));
    for (int time = 0; time < 2; ++time) {
        CHECK(store->append(entry()).error() == Reason::store_full);
        CHECK(store->append(entry(RecordClass::access))); // the limit is money's own
        store.reset();
        store = open();
    }
    REQUIRE(store->acknowledge({{1, "R-1"}}));
    CHECK(store->append(entry())->id.sequence == 5);
    CHECK(store->append(entry()).error() == Reason::store_full);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture, "over the limit of a class its oldest gives way, and no other class's") {
    options.limits.telemetry.undelivered = 2;
    options.limits.access.undelivered = 1;
    auto store = open();
    const auto stateOf = [&](std::uint64_t sequence) { return store->list(sequence, 1)->front().state; };
    for (const auto recordClass : {RecordClass::money, RecordClass::access, RecordClass::telemetry,
                                   RecordClass::telemetry, RecordClass::security_event})
        REQUIRE(store->append(entry(recordClass)));

    REQUIRE(store->append(entry(RecordClass::telemetry))); // 6: telemetry 3 goes
    CHECK(stateOf(3) == DeliveryState::dead);
    CHECK(store->list(3, 1)->front().note == "dropped for want of room");
    CHECK(store->read(3).error() == Reason::record_not_found);
    store.reset();
    store = open();                                     // what waits is counted across processes
    REQUIRE(store->append(entry(RecordClass::access))); // 7: access 2 goes
    CHECK(stateOf(2) == DeliveryState::dead);
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{1, 7, 5, 4, 6});
    CHECK(store->append(entry(RecordClass::access)).error() == Reason::store_full); // all are on their way
    REQUIRE(store->append(entry(RecordClass::security_event)));
    clock.advance(minute); // a lease that ended keeps nothing
    REQUIRE(store->append(entry(RecordClass::access)));
    CHECK(stateOf(7) == DeliveryState::dead);
    CHECK(store->counts()->dead == 3);
    CHECK(store->verifyChain()); // the chain stands on the digests of what was dropped
}

TEST_CASE_METHOD(Fixture, "what is not money is given up when it is too old, by clocks that can be trusted") {
    options.limits.telemetry.kept = std::chrono::days{2};
    auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->append(entry(RecordClass::telemetry)));
    REQUIRE(store->append(entry(RecordClass::access)));
    clock.setTrust(TimeTrust::suspect);
    REQUIRE(store->append(entry(RecordClass::telemetry)));
    const bool reopened = GENERATE(false, true);
    if (reopened) {
        store.reset();
        store = open();
    }
    clock.stepWall(start + std::chrono::days{3});
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{1, 3, 2, 4}); // suspect: none goes
    clock.setTrust(TimeTrust::synced);
    CHECK(store->lease(9, plenty, minute)->empty());
    CHECK(store->list(2, 1)->front().state == DeliveryState::leased); // on its way: it stays
    clock.advance(minute);
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{1, 3, 4});
    CHECK(store->list(2, 1)->front().state == DeliveryState::dead);
    CHECK(store->list(2, 1)->front().note == "expired");
    CHECK(store->read(2).error() == Reason::record_not_found);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture, "a batch that is acknowledged may be of any length") {
    const auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->append(entry()));
    std::vector<Store::Settled> settled(50'000, {1, "R-1"}); // more than a statement may have variables
    settled.push_back({2, "R-2"});
    REQUIRE(store->acknowledge(settled));
    CHECK(store->counts()->acknowledged == 2);
}

TEST_CASE_METHOD(Fixture, "what has no age hides nobody's") {
    auto store = open();
    clock.setTrust(TimeTrust::suspect);
    for (int i = 0; i < 300; ++i)
        REQUIRE(store->append(entry(RecordClass::telemetry)));
    clock.setTrust(TimeTrust::synced);
    REQUIRE(store->append(entry(RecordClass::telemetry)));
    const bool reopened = GENERATE(false, true);
    if (reopened) {
        store.reset();
        store = open();
    }
    clock.stepWall(start + std::chrono::days{8});
    CHECK(store->lease(999, plenty, minute)->size() == 300);
    CHECK(store->list(301, 1)->front().note == "expired");
}

TEST_CASE_METHOD(Fixture, "a dead letter that is wanted waits again, with its attempts") {
    auto store = open();
    for (int i = 0; i < 3; ++i)
        REQUIRE(store->append(entry(RecordClass::access)));
    REQUIRE(store->lease(9, plenty, minute)->size() == 3);
    REQUIRE(store->bury(2, "amount unknown"));
    REQUIRE(store->release({1, 3}, false));
    REQUIRE(store->deadLetters(9, 9)->size() == 1);
    CHECK(store->deadLetters(2, 9)->front().id.sequence == 2);
    CHECK(store->deadLetters(2, 9)->front().note == "amount unknown");
    CHECK(store->deadLetters(1, 9)->empty());
    CHECK(store->requeue(1).error() == Reason::record_not_found);
    CHECK(store->requeue(9).error() == Reason::record_not_found);
    REQUIRE(store->requeue(2));
    CHECK(store->requeue(2).error() == Reason::record_not_found);
    CHECK(store->counts()->dead == 0);
    CHECK(store->list(2, 1)->front().attempts == 1);
    const bool reopened = GENERATE(false, true);
    if (reopened) {
        store.reset();
        store = open();
    }
    clock.stepWall(start + std::chrono::days{1000}); // somebody wanted it: its age is no matter any more
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2});
    REQUIRE(store->acknowledge({{2, "R-2"}}));
    CHECK(store->list(2, 1)->front().attempts == 2);
    CHECK(store->requeue(1).error() == Reason::record_not_found); // expired: its payload is gone
    CHECK(store->requeue(2).error() == Reason::record_not_found);
}

TEST_CASE_METHOD(Fixture, "records of one key keep their order and hold up nobody else") {
    auto store = open();
    const auto of = [](std::uint64_t order, RecordClass recordClass = RecordClass::money) {
        auto made = entry(recordClass);
        made.order = order;
        return made;
    };
    for (const auto& made : {of(7), of(8), of(7), entry(), of(8, RecordClass::access), of(7)})
        REQUIRE(store->append(made));
    CHECK(sequencesOf(*store->lease(1, plenty, minute)) == Sequences{1});
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2, 4, 5}); // 3 and 6 wait for 1
    CHECK(store->lease(9, plenty, minute)->empty());

    SECTION("while an earlier one is deferred") {
        REQUIRE(store->defer({1}, 3 * minute));
        clock.advance(minute);
        CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2, 4, 5});
    }
    SECTION("until it is acknowledged") {
        REQUIRE(store->acknowledge({{1, "R"}}));
        CHECK(sequencesOf(*store->lease(1, plenty, minute)) == Sequences{3});
        CHECK(store->lease(9, plenty, minute)->empty());
    }
    SECTION("or dead, until somebody wants it again") {
        REQUIRE(store->bury(1, "amount unknown"));
        REQUIRE(store->acknowledge({{2, "R"}, {4, "R"}, {5, "R"}}));
        CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{3, 6});
        REQUIRE(store->release({3, 6}, true));
        REQUIRE(store->requeue(1));
        CHECK(sequencesOf(*store->lease(1, plenty, minute)) == Sequences{1});
        CHECK(store->lease(9, plenty, minute)->empty());
    }
    SECTION("together after a restart") {
        store.reset();
        store = open();
        CHECK(sequencesOf(*store->lease(2, plenty, minute)) == Sequences{1, 2});
        REQUIRE(store->release({1, 2}, false));
        CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{1, 2, 3, 4, 6, 5});
    }
}

TEST_CASE_METHOD(Fixture, "an unreadable record becomes a dead letter and does not hold up the others") {
    const auto [sealed, reason] = GENERATE(table<std::string, Reason>(
        {{"zeroblob(60)", Reason::unseal_failed}, {"NULL", Reason::record_not_found}}));
    {
        const auto store = open();
        for (int i = 0; i < 3; ++i)
            REQUIRE(store->append(entry()));
    }
    direct().exec("DROP TRIGGER journal_is_never_changed; "
                  "UPDATE journal SET sealed = " +
                  sealed + " WHERE sequence = 2");
    const auto store = open();
    const auto leased = store->lease(9, plenty, minute);
    REQUIRE(leased);
    CHECK(sequencesOf(*leased) == Sequences{1, 3});
    CHECK(store->list(2, 1)->front().state == DeliveryState::dead);
    CHECK(store->list(2, 1)->front().attempts == 0);
    CHECK(store->read(2).error() == reason);
}

TEST_CASE_METHOD(Fixture, "a changed byte cannot make money look like what is given up when it is old") {
    const auto* change = GENERATE("class = 3", "class = 1", "class = 3, wall_ms = 0");
    for (int i = 0; i < 2; ++i)
        REQUIRE(open()->append(entry()));
    direct().exec("DROP TRIGGER journal_is_never_changed; UPDATE journal SET " + std::string(change) +
                  " WHERE sequence = 1");
    const auto store = open();
    clock.stepWall(start + std::chrono::days{1000});
    CHECK(sequencesOf(*store->lease(9, plenty, minute)) == Sequences{2});
    CHECK(store->list(1, 1)->front().note == "unreadable");
    CHECK(direct().execAndGet("SELECT count(sealed) FROM journal").getInt() == 2); // for somebody to look at
}
