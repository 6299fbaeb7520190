// What was salvaged of a damaged database goes upstream by the courier like all else, and counts once.
#include "fixture.h"
#include "offline_store/database.h"

#include <algorithm>

using namespace ykt;
using namespace ykt::firmware::courier;

TEST_CASE_METHOD(Fixture, "salvaged records arrive once, whatever the damaged database took for settled") {
    const auto upstream = https();
    append(40);
    {
        RunningCourier running(*this, *upstream);
        REQUIRE(eventually([&] { return allAcknowledged(40); }));
    }
    append(20);
    store.reset();
    // Half of what waits looks settled, and the key check says that the database is damaged.
    offline_store::Connection(storeFile(), SQLite::OPEN_READWRITE)
        .exec("INSERT INTO delivery (sequence, state, twin) "
              "SELECT sequence, 1, sequence * 4 + 1 FROM journal WHERE sequence > 50;"
              "UPDATE setting SET value = x'00' WHERE name = 'key_check'");
    store = openStore();
    append(5);
    REQUIRE(counts().salvaged == 60);
    backOffice->dropEveryNthAnswer(2);

    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] { return counts().salvaged == 0 && allAcknowledged(6); }));
    const auto rows = backOffice->rows();
    CHECK(std::ranges::count(rows, 1U, &sim::LedgerRow::epoch) == 60);
    CHECK(std::ranges::count(rows, 2U, &sim::LedgerRow::epoch) == 6); // store_replaced among them
    CHECK(backOffice->audit().empty());
    CHECK(store->replacement()->value().told);
    CHECK(store->leaseSalvaged(100, 100'000, Milliseconds{1000})->empty());
}

TEST_CASE_METHOD(Fixture, "the status tells of a replaced store as long as its epoch lives") {
    append(3);
    store.reset();
    offline_store::Connection(storeFile(), SQLite::OPEN_READWRITE)
        .exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'");
    store = openStore();
    const auto upstream = https();
    quick.statusInterval = Milliseconds{50};
    RunningCourier running(*this, *upstream);
    REQUIRE(eventually([&] {
        const auto status = nlohmann::json::parse(backOffice->lastStatus(terminalName), nullptr, false);
        return status.is_object() && status["records"]["acknowledged"] == 1 &&
               status["records"]["salvaged"] == 0 &&
               status["replaced"] == nlohmann::json{{"salvaged", 3}, {"unreadable", 0}};
    }));
}
