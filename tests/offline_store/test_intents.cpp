#include "fixture.h"

#include <atomic>
#include <csignal>
#include <sys/wait.h>
#include <thread>

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;
using Purchase = Store::Purchase;

namespace {

const auto claimEnd = start + 10min;

ByteArray<32> medium(std::uint8_t number) {
    ByteArray<32> digest{};
    digest.fill(number);
    return digest;
}

IntentEntry intentEntry(std::uint8_t card = 1, const std::string& payload = R"({"amount_fen":200})") {
    return {medium(card), toBytes(payload), {{claimKey(card), claimEnd, Reason::repeated_too_soon}}};
}

std::vector<std::uint64_t> numbersOf(const std::vector<Intent>& intents) {
    std::vector<std::uint64_t> numbers;
    for (const auto& intent : intents)
        numbers.push_back(intent.number);
    return numbers;
}

using Numbers = std::vector<std::uint64_t>;

} // namespace

TEST_CASE_METHOD(Fixture, "an intent comes back as it was opened, by its medium, in a later process") {
    const auto opened = *open()->openIntent(intentEntry());
    CHECK(opened.number == 1);
    clock.advance(1min);
    REQUIRE(open()->openIntent(intentEntry(2)));

    const auto store = open();
    const auto found = *store->intentsOf(medium(1));
    REQUIRE(found.size() == 1);
    CHECK(found[0].number == 1);
    CHECK(found[0].medium == medium(1));
    CHECK(found[0].payload == intentEntry().payload);
    CHECK_FALSE(found[0].reported);
    CHECK(found[0].opened.wall == start);
    CHECK(found[0].opened.boot == clock.now().boot);
    CHECK(found[0].opened.trust == clock.now().trust);
    CHECK(numbersOf(*store->openIntents()) == Numbers{1, 2});
    CHECK(store->intentsOf(medium(3))->empty());
    CHECK(store->counts()->pending == 0); // no record yet
}

TEST_CASE_METHOD(Fixture, "at every step of a purchase a restart finds it where it was") {
    REQUIRE(open()->openIntent(intentEntry()));
    CHECK(*open()->isClaimed(claimKey(1), start));
    CHECK(open()->openIntent(intentEntry()).error() == Reason::repeated_too_soon);

    const auto told = open()->reportIntent(1, entry(RecordClass::security_event, "{}", "debit_unresolved"));
    REQUIRE(told);
    CHECK(told->id.sequence == 1);
    CHECK((*open()->openIntents()).at(0).reported);
    CHECK(open()->read(1)->kind == "debit_unresolved");

    const auto settled = open()->settleIntent(1, Purchase::made, entry());
    REQUIRE(settled);
    CHECK((*settled)->id.sequence == 2);
    const auto store = open();
    CHECK(store->openIntents()->empty());
    CHECK(store->intentsOf(medium(1))->empty());
    CHECK(store->read(2)->payload == entry().payload);
    CHECK(store->counts()->pending == 2);
    CHECK(store->verifyChain());
    CHECK(*store->isClaimed(claimKey(1), start));
}

TEST_CASE_METHOD(Fixture, "claims stay when the purchase was made and are free when it was not") {
    const auto store = open();
    REQUIRE(store->openIntent(intentEntry(1)));
    REQUIRE(store->openIntent(intentEntry(2)));
    REQUIRE(store->settleIntent(1, Purchase::made, std::nullopt));
    const auto nothing = store->settleIntent(2, Purchase::not_made, std::nullopt);
    REQUIRE(nothing);
    CHECK_FALSE(*nothing); // no record was asked for
    CHECK(*store->isClaimed(claimKey(1), start));
    CHECK_FALSE(*store->isClaimed(claimKey(2), start));
    CHECK(store->openIntent(intentEntry(2)));
    CHECK(store->openIntent(intentEntry(1)).error() == Reason::repeated_too_soon);
    CHECK(store->counts()->pending == 0);
}

TEST_CASE_METHOD(Fixture, "an intent frees its own claim and not one that somebody took after it ended") {
    const auto store = open();
    REQUIRE(store->openIntent(intentEntry()));
    clock.advance(10min);
    auto later = entry();
    later.claims = {{claimKey(1), start + 20min, Reason::repeated_too_soon}};
    REQUIRE(store->append(later));
    REQUIRE(store->settleIntent(1, Purchase::not_made, std::nullopt));
    CHECK(*store->isClaimed(claimKey(1), start + 11min));
}

TEST_CASE_METHOD(Fixture, "an intent whose claim is taken is not opened, and claims nothing else") {
    const auto store = open();
    REQUIRE(store->openIntent(intentEntry(1)));
    auto second = intentEntry(2);
    second.claims.push_back({claimKey(1), claimEnd, Reason::already_used});
    CHECK(store->openIntent(second).error() == Reason::already_used);
    CHECK_FALSE(*store->isClaimed(claimKey(2), start));
    CHECK(numbersOf(*store->openIntents()) == Numbers{1});
}

TEST_CASE_METHOD(Fixture, "what is not open can be neither settled nor reported, and appends nothing") {
    const auto store = open();
    REQUIRE(store->openIntent(intentEntry()));
    REQUIRE(store->settleIntent(1, Purchase::made, entry()));
    for (const std::uint64_t number : {0, 1, 2}) {
        for (const auto outcome : {Purchase::made, Purchase::not_made})
            CHECK(store->settleIntent(number, outcome, entry()).error() == Reason::record_not_found);
        CHECK(store->reportIntent(number, entry()).error() == Reason::record_not_found);
    }
    CHECK(store->counts()->pending == 1);
    CHECK(store->append(entry())->id.sequence == 2);
}

TEST_CASE_METHOD(Fixture, "a number is never given again, and settled intents do not pile up") {
    for (std::uint64_t number = 1; number <= 20; ++number) {
        const auto store = open();
        REQUIRE(store->openIntent(intentEntry())->number == number);
        REQUIRE(store->settleIntent(number, Purchase::not_made, std::nullopt));
    }
    CHECK(direct().execAndGet("SELECT count(*) FROM intent").getInt() == 1);
    CHECK(direct().execAndGet("SELECT sealed IS NULL AND claims IS NULL FROM intent").getInt() == 1);
}

TEST_CASE_METHOD(Fixture, "open intents take up the room of the records that will settle them") {
    options.limits.undeliveredMoney = 3;
    auto store = open();
    REQUIRE(store->append(entry()));
    REQUIRE(store->openIntent(intentEntry(1)));
    REQUIRE(store->openIntent(intentEntry(2)));
    store.reset();
    store = open(); // the room is kept across processes
    CHECK(store->openIntent(intentEntry(3)).error() == Reason::store_full);
    CHECK_FALSE(*store->isClaimed(claimKey(3), start));
    CHECK(store->append(entry()).error() == Reason::store_full);

    CHECK(store->reportIntent(1, entry()));
    CHECK(store->settleIntent(1, Purchase::made, entry()));
    REQUIRE(store->append(entry(RecordClass::access)));
    CHECK(store->settleIntent(2, Purchase::not_made, entry(RecordClass::telemetry)));
    CHECK(store->append(entry()).error() == Reason::store_full);
    REQUIRE(store->acknowledge({{1, "R"}, {2, "R"}, {3, "R"}}));
    CHECK(store->openIntent(intentEntry(3)));
    CHECK(store->counts()->pending == 2);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture,
                 "what one medium's intents lead to is delivered in order, and holds up no other's") {
    const auto store = open();
    REQUIRE(store->openIntent(intentEntry(1)));
    REQUIRE(store->openIntent(intentEntry(2)));
    REQUIRE(store->reportIntent(1, entry()));
    const auto leased = [&](std::size_t most) {
        return sequencesOf(*store->lease(most, 1'000'000, Milliseconds{60'000}));
    };
    CHECK(leased(1) == std::vector<std::uint64_t>{1});
    REQUIRE(store->settleIntent(1, Purchase::made, entry()));
    REQUIRE(store->settleIntent(2, Purchase::made, entry()));
    CHECK(leased(9) == std::vector<std::uint64_t>{3});
    REQUIRE(store->acknowledge({{1, "R"}}));
    CHECK(leased(9) == std::vector<std::uint64_t>{2});
}

TEST_CASE_METHOD(Fixture, "an intent that was given up gives its room back") {
    options.limits.undeliveredMoney = 1;
    const auto store = open();
    for (std::uint64_t number = 1; number <= 3; ++number) {
        REQUIRE(store->openIntent(intentEntry()));
        CHECK(store->append(entry()).error() == Reason::store_full);
        REQUIRE(store->settleIntent(number, Purchase::not_made, std::nullopt));
    }
    CHECK(store->append(entry()));
}

TEST_CASE_METHOD(Fixture, "payloads are sealed, and bound to their number and medium") {
    REQUIRE(open()->openIntent(intentEntry(1, R"({"serial":"6401"})")));
    REQUIRE(open()->openIntent(intentEntry(2)));
    auto database = direct();
    CHECK(database.execAndGet("SELECT count(*) FROM intent WHERE instr(sealed, CAST('6401' AS BLOB))")
              .getInt() == 0);
    SECTION("another card's row") {
        database.exec(
            "UPDATE intent SET sealed = (SELECT sealed FROM intent WHERE number = 2) WHERE number = 1");
    }
    SECTION("another purchase of the same card") {
        REQUIRE(open()->openIntent({medium(1), toBytes("{}"), {}}));
        database.exec(
            "UPDATE intent SET sealed = (SELECT sealed FROM intent WHERE number = 3) WHERE number = 1");
    }
    SECTION("another card's digest") {
        database.exec("UPDATE intent SET medium = randomblob(32) WHERE number = 1");
    }
    SECTION("a changed byte") {
        database.exec("UPDATE intent SET sealed = randomblob(length(sealed)) WHERE number = 1");
    }
    const auto store = open();
    const auto all = store->openIntents();
    REQUIRE(all);
    CHECK(all->front().number == 1);
    CHECK(all->front().payload.empty()); // and it hides no other
    CHECK_FALSE(all->at(1).payload.empty());
    CHECK(store->intentsOf(medium(2))->size() == 1);
}

TEST_CASE_METHOD(Fixture, "an open intent takes another payload, a closed one does not") {
    auto store = open();
    const auto intent = store->openIntent({medium(1), toBytes("{}"), {}});
    REQUIRE(intent);
    REQUIRE(store->amendIntent(*intent, toBytes(R"({"tac":1})")));
    store.reset();
    store = open();
    CHECK(store->intentsOf(medium(1))->front().payload == toBytes(R"({"tac":1})"));
    REQUIRE(store->settleIntent(intent->number, Store::Purchase::not_made, std::nullopt));
    CHECK(store->amendIntent(*intent, toBytes("{}")).error() == Reason::record_not_found);
}

TEST_CASE_METHOD(Fixture, "of two lanes that begin one purchase at once exactly one wins") {
    const auto store = open();
    for (std::uint8_t round = 0; round < 50; ++round) {
        std::atomic<int> ready{0};
        std::atomic<int> won{0};
        std::atomic<int> refused{0};
        const auto lane = [&] {
            ++ready;
            while (ready < 2)
                std::this_thread::yield();
            const auto opened = store->openIntent(intentEntry(round));
            won += opened.has_value();
            refused += !opened && opened.error() == Reason::repeated_too_soon;
        };
        std::thread other(lane);
        lane();
        other.join();
        REQUIRE(won == 1);
        REQUIRE(refused == 1);
    }
    CHECK(store->openIntents()->size() == 50);
}

TEST_CASE_METHOD(Fixture, "of two threads that settle one intent exactly one appends") {
    const auto store = open();
    for (std::uint64_t number = 1; number <= 50; ++number) {
        REQUIRE(store->openIntent(intentEntry(static_cast<std::uint8_t>(number))));
        std::atomic<int> ready{0};
        std::atomic<int> settled{0};
        const auto lane = [&] {
            ++ready;
            while (ready < 2)
                std::this_thread::yield();
            settled += store->settleIntent(number, Purchase::made, entry()).has_value();
        };
        std::thread other(lane);
        lane();
        other.join();
        REQUIRE(settled == 1);
    }
    CHECK(store->counts()->pending == 50);
}

TEST_CASE_METHOD(Fixture, "a process killed at any moment leaves each purchase open or settled, never both") {
    std::uint64_t settledBefore = 0;
    for (unsigned round = 0; round < 20; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            const auto store = Store::open(options, key.clone(), clock);
            while (store) {
                const auto intent = (*store)->openIntent({medium(1), toBytes("{}"), {}});
                if (!intent || !(*store)->settleIntent(intent->number, Purchase::made, entry()) ||
                    ::write(ends[1], "+", 1) < 0)
                    break;
            }
            ::_exit(1);
        }
        char first = 0; // it is under way
        REQUIRE(::read(ends[0], &first, 1) == 1);
        ::usleep((round * 7919) % 30'000);
        ::kill(child, SIGKILL);
        REQUIRE(::waitpid(child, nullptr, 0) == child);
        ::close(ends[0]);
        ::close(ends[1]);

        const auto store = open();
        const auto settled = store->counts()->pending;
        const auto torn = *store->openIntents();
        REQUIRE(store->verifyChain());
        REQUIRE(settled > settledBefore);
        REQUIRE(torn.size() <= 1);
        if (!torn.empty()) { // every earlier one has its record
            REQUIRE(torn[0].number == settled + 1);
            REQUIRE(store->settleIntent(torn[0].number, Purchase::made, entry()));
        }
        settledBefore = store->counts()->pending;
        REQUIRE(store->openIntent({medium(1), {}, {}})->number == settledBefore + 1);
        REQUIRE(store->settleIntent(settledBefore + 1, Purchase::made, entry()));
        ++settledBefore;
    }
}

TEST_CASE_METHOD(Fixture, "what is counted is counted by the day in China, with its record or not at all") {
    const auto day = [](int number) { return std::chrono::year{2026} / 11 / number; };
    const WallTime morning = std::chrono::sys_days{day(23)} + 15h + 59min; // 23:59 of the 23rd in China
    clock.stepWall(morning);
    auto store = open();
    auto counted = entry(RecordClass::access);
    counted.tally = "legacy_card";
    REQUIRE(store->append(counted));
    clock.stepWall(morning + 1min);
    for (int i = 0; i < 3; ++i)
        REQUIRE(store->append(counted));
    counted.tally = "a_other";
    auto ride = intentEntry();
    ride.claims = {{claimKey(1), morning + 1h, Reason::repeated_too_soon}};
    REQUIRE(store->openIntent(ride));
    REQUIRE(store->settleIntent(1, Purchase::made, counted));
    counted.claims = {{claimKey(1), morning + 1h, Reason::already_used}};
    CHECK(store->append(counted).error() == Reason::already_used); // and counts nothing
    REQUIRE(store->append(entry()));

    store.reset();
    store = open();
    const auto all = *store->tallies(9);
    REQUIRE(all.size() == 3);
    CHECK(all[0].name == "a_other");
    CHECK(all[0].day == day(24));
    CHECK(all[0].count == 1);
    CHECK(all[1].name == "legacy_card");
    CHECK(all[1].count == 3);
    CHECK(all[2].day == day(23));
    CHECK(all[2].count == 1);
    CHECK(store->tallies(1)->size() == 2);
    CHECK(store->tallies(0)->empty());
}
