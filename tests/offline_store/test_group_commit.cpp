// Lanes that append at one time share a COMMIT; none of them may notice.
#include "fixture.h"

#include <algorithm>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

constexpr int lanes = 16;
constexpr int recordsOfALane = 60;

// Runs `lane` in as many threads, which begin together.
void inLanes(const std::function<void(int)>& lane) {
    std::vector<std::thread> threads;
    std::atomic<bool> go{false};
    for (int number = 0; number < lanes; ++number)
        threads.emplace_back([&, number] {
            go.wait(false);
            lane(number);
        });
    go = true;
    go.notify_all();
    for (auto& thread : threads)
        thread.join();
}

} // namespace

TEST_CASE_METHOD(Fixture, "sixteen lanes append without gaps, and each refusal is its own") {
    auto store = open();
    // Every third entry of a lane claims a key that all lanes want: exactly one of them wins it.
    std::vector<std::vector<std::uint64_t>> written(lanes);
    std::array<std::atomic<int>, recordsOfALane> winners{};
    std::atomic<int> wrong{0};
    inLanes([&](int lane) {
        for (int i = 0; i < recordsOfALane; ++i) {
            auto made = entry(RecordClass::money, std::to_string(lane * 1000 + i));
            if (i % 3 == 0)
                made.claims = {
                    {claimKey(static_cast<std::uint8_t>(100 + lane)), start, Reason::repeated_too_soon},
                    {claimKey(static_cast<std::uint8_t>(i)), start, Reason::already_used}};
            const auto record = store->append(made);
            if (record) {
                written[static_cast<std::size_t>(lane)].push_back(record->id.sequence);
                winners[static_cast<std::size_t>(i)] += 1;
                const auto read = store->read(record->id.sequence);
                wrong += read && toText(read->payload) == std::to_string(lane * 1000 + i) ? 0 : 1;
            } else {
                wrong += record.error() == Reason::already_used && i % 3 == 0 ? 0 : 1;
            }
        }
    });
    CHECK(wrong == 0);
    std::vector<std::uint64_t> all;
    for (const auto& sequences : written) {
        CHECK(std::ranges::is_sorted(sequences)); // a lane's records in its order
        all.insert(all.end(), sequences.begin(), sequences.end());
    }
    std::ranges::sort(all);
    REQUIRE(all.size() == lanes * recordsOfALane / 3 * 2 + recordsOfALane / 3);
    CHECK(all.front() == 1);
    CHECK(all.back() == all.size());
    for (int i = 0; i < recordsOfALane; ++i)
        CHECK(winners[static_cast<std::size_t>(i)] == (i % 3 == 0 ? 1 : lanes));
    CHECK(store->counts()->pending == all.size());
    store.reset();
    store = open();
    CHECK(store->counts()->pending == all.size());
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture, "a limit holds to the record among lanes") {
    options.limits.undeliveredMoney = 100;
    options.limits.telemetry.undelivered = 10;
    const auto store = open();
    std::atomic<int> full{0};
    inLanes([&](int lane) {
        for (int i = 0; i < recordsOfALane; ++i) {
            const auto record =
                store->append(entry(lane % 2 == 0 ? RecordClass::money : RecordClass::telemetry));
            full += !record && record.error() == Reason::store_full ? 1 : 0;
        }
    });
    CHECK(full == lanes / 2 * recordsOfALane - 100);
    CHECK(store->counts()->pending == 110);
    CHECK(store->counts()->dead == lanes / 2 * recordsOfALane - 10);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture,
                 "what keeps a group from being committed is told to all of it, and nothing of it stays") {
    auto store = open();
    REQUIRE(store->append(entry()));
    std::atomic<bool> broken{false};
    std::atomic<int> failed{0};
    {
        auto other = direct(); // holds the database for longer than an append waits
        other.exec("CREATE TRIGGER breaks BEFORE INSERT ON journal WHEN NEW.kind = 'poison' "
                   "BEGIN SELECT RAISE(ROLLBACK, 'as a disk would'); END");
    }
    std::atomic<int> appended{0};
    inLanes([&](int lane) {
        for (int i = 0; i < recordsOfALane; ++i) {
            const bool poison = lane == 0 && i % 4 == 0;
            auto made = entry(RecordClass::money, "{}", poison ? "poison" : "ride");
            const auto record = store->append(made);
            appended += record ? 1 : 0;
            failed += !record && record.error() == Reason::store_failed ? 1 : 0;
            broken = broken || (poison && record);
        }
    });
    CHECK_FALSE(broken);
    CHECK(failed >= recordsOfALane / 4);
    CHECK(appended + failed == lanes * recordsOfALane);
    CHECK(store->counts()->pending == static_cast<std::uint64_t>(appended) + 1);
    CHECK(store->append(entry())->id.sequence == static_cast<std::uint64_t>(appended) + 2);
    store.reset();
    store = open();
    CHECK(store->counts()->pending == static_cast<std::uint64_t>(appended) + 2);
    CHECK(store->verifyChain());
}
