// What a fresh database takes over from a damaged one, whose every row can still be read here: what of it is
// believed, and what is not.
#include "fixture.h"
#include "offline_store/settled_mark.h"

#include <algorithm>
#include <fstream>

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

namespace {

struct SalvageFixture : Fixture {
    // From now on its key check says that the database is damaged.
    void damage() const { direct().exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'"); }

    static std::vector<std::uint64_t> leasedSalvaged(Store& store) {
        const auto batch = store.leaseSalvaged(10'000, 100'000'000, 1min);
        REQUIRE(batch);
        return sequencesOf(*batch);
    }
    static void append(Store& store, int count) {
        for (int i = 0; i < count; ++i)
            REQUIRE(store.append(entry()));
    }
    static void acknowledge(Store& store, std::uint64_t from, std::uint64_t to) {
        std::vector<Store::Settled> settled;
        for (auto sequence = from; sequence <= to; ++sequence)
            settled.push_back({sequence, "R"});
        REQUIRE(store.acknowledge(settled));
    }
    // As a changed byte in the index would have it: the rows `where` are there, their entries are not.
    void emptyIndex(const std::string& name, const std::string& where) const {
        const auto replace = [&](const std::string& from, const std::string& to) {
            return "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, '" + from +
                   "', '" + to + "') WHERE name = '" + name + "'";
        };
        direct().exec(replace(where, "state = 9"));
        direct().exec("REINDEX " + name + "; " + replace("state = 9", where));
    }
    // Zeros in place of the first page, or of another one of the schema's.
    void losePage(bool first) const {
        const auto page = first ? 1
                                : direct()
                                      .execAndGet("SELECT max(pageno) FROM dbstat "
                                                  "WHERE name = 'sqlite_schema'")
                                      .getInt();
        std::fstream file(options.file, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp((page - 1) * 1024);
        file << std::string(1024, '\0');
        REQUIRE(file.flush());
    }
    static nlohmann::json told(Store& store) { return nlohmann::json::parse(store.read(1)->payload); }
};

using Sequences = std::vector<std::uint64_t>;

Sequences range(std::uint64_t from, std::uint64_t to) {
    Sequences sequences;
    for (; from <= to; ++from)
        sequences.push_back(from);
    return sequences;
}

} // namespace

TEST_CASE_METHOD(SalvageFixture,
                 "what a damaged database takes for settled is sent again, after the others") {
    {
        const auto store = open();
        append(*store, 4);
        acknowledge(*store, 1, 1);
        REQUIRE(store->bury(4, "refused"));
    }
    direct().exec("INSERT INTO delivery (sequence, state, twin) VALUES (2, 1, 9)");
    damage();
    const auto store = open();
    CHECK(store->counts()->salvaged == 4);
    CHECK(leasedSalvaged(*store) == Sequences{3, 1, 2, 4});
    CHECK(told(*store) == nlohmann::json{{"moved_to", "store.db.damaged-1"},
                                         {"epoch", 1},
                                         {"last_sequence", 4},
                                         {"salvaged", 4},
                                         {"again", 3},
                                         {"unreadable", 0},
                                         {"intents", 0},
                                         {"unreadable_intents", 0}});
}

TEST_CASE_METHOD(SalvageFixture, "one changed number cannot make a record that waits look settled") {
    const auto* change = GENERATE("UPDATE delivery SET sequence = 3", "UPDATE delivery SET twin = 13",
                                  "UPDATE delivery SET state = 2", "UPDATE delivery SET twin = 10");
    {
        const auto store = open();
        append(*store, 4);
        acknowledge(*store, 2, 2);
    }
    direct().exec("PRAGMA ignore_check_constraints = ON; " + std::string(change)); // as a byte would
    auto store = open();
    auto delivered = leasedSalvaged(*store);
    std::ranges::sort(delivered);
    CHECK(delivered == Sequences{1, 2, 3, 4});
    store.reset();
    direct().exec("PRAGMA ignore_check_constraints = ON; UPDATE salvaged SET state = 1 WHERE sequence = 2");
    CHECK(open()->last().epoch == 3);
}

TEST_CASE_METHOD(SalvageFixture,
                 "up to its sealed mark a damaged database is believed, but for dead letters") {
    {
        const auto store = open();
        append(*store, 2100);
        REQUIRE(store->bury(7, "refused"));
        acknowledge(*store, 1, 1100);
        acknowledge(*store, 1101, 2090); // too few for another mark
    }
    damage();
    const auto store = open();
    auto expected = range(2091, 2100);
    expected.push_back(7);
    const auto again = range(1101, 2090);
    expected.insert(expected.end(), again.begin(), again.end());
    CHECK(leasedSalvaged(*store) == expected);
    CHECK(told(*store)["unreadable"] == 0);
    CHECK(told(*store)["last_sequence"] == 2100);
}

TEST_CASE_METHOD(SalvageFixture, "what waits again is not passed over by an older mark") {
    const bool requeued = GENERATE(true, false);
    {
        const auto store = open();
        append(*store, 1100);
        REQUIRE(store->bury(7, "refused"));
        acknowledge(*store, 1, 1100);
        if (requeued)
            REQUIRE(store->requeue(7));
        else
            REQUIRE(store->carryOut("again", {.resyncFrom = 8}, entry(RecordClass::security_event)));
    }
    direct().exec(
        "DELETE FROM delivery; "
        "INSERT INTO delivery (sequence, state, twin) SELECT sequence, 1, sequence * 4 + 1 FROM journal");
    damage();
    const auto sequences = leasedSalvaged(*open());
    CHECK(std::ranges::find(sequences, requeued ? 7 : 8) != sequences.end());
}

TEST_CASE_METHOD(SalvageFixture, "a mark that was changed, or is another epoch's, is none") {
    {
        const auto store = open();
        append(*store, 1100);
        acknowledge(*store, 1, 1100);
    }
    direct().exec("UPDATE setting SET value = x'0102030405060708' WHERE name = 'settled'");
    damage();
    CHECK(leasedSalvaged(*open()).size() == 1100);
}

TEST_CASE_METHOD(SalvageFixture, "a database that tells a wrong epoch is damaged, and loses nothing") {
    append(*open(), 3);
    direct().exec("UPDATE setting SET value = 5 WHERE name = 'epoch'");
    const auto store = open();
    CHECK(leasedSalvaged(*store) == Sequences{1, 2, 3});
    CHECK(told(*store)["epoch"] == 1);
}

TEST_CASE_METHOD(SalvageFixture, "money whose payload is gone is unreadable; what was given up is not") {
    options.limits.telemetry.undelivered = 1;
    {
        const auto store = open();
        append(*store, 1);
        for (int i = 0; i < 2; ++i)
            REQUIRE(store->append(entry(RecordClass::telemetry)));
    }
    direct().exec(
        "DROP TRIGGER journal_is_never_changed; UPDATE journal SET sealed = NULL WHERE sequence = 1");
    damage();
    const auto store = open();
    CHECK(leasedSalvaged(*store) == Sequences{3});
    CHECK(told(*store)["unreadable"] == 1);
}

TEST_CASE_METHOD(SalvageFixture, "what was salvaged is salvaged again, also where it looks settled") {
    append(*open(), 3);
    damage();
    append(*open(), 2);
    direct().exec("UPDATE salvaged SET state = 1, twin = 9 WHERE sequence = 2;"
                  "UPDATE salvaged SET sealed = x'00' WHERE sequence = 3");
    damage();
    const auto store = open();
    const auto first = *store->leaseSalvaged(10, 10'000, 1min);
    CHECK(sequencesOf(first) == Sequences{1, 2});
    CHECK(first.front().id.epoch == 1);
    CHECK(leasedSalvaged(*store) == Sequences{2, 3, 1}); // of epoch 2, its store_replaced too
    CHECK(told(*store)["unreadable"] == 1);
}

TEST_CASE_METHOD(SalvageFixture,
                 "a salvaged record that upstream refuses is a dead letter, and may wait again") {
    append(*open(), 3);
    damage();
    const auto store = open();
    REQUIRE(leasedSalvaged(*store) == Sequences{1, 2, 3});
    REQUIRE(store->bury(2, "amount unknown", 1));
    REQUIRE(store->release({1, 3}, false, 1));
    REQUIRE(store->lease(9, 10'000, 1min)->size() == 1);
    REQUIRE(store->bury(1, "what is this", 2));
    CHECK(store->counts()->dead == 2);
    CHECK(store->counts()->salvaged == 2);
    const auto letters = *store->deadLetters(9, 9);
    REQUIRE(letters.size() == 2);
    CHECK(letters[0].id == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(letters[1].id == RecordId{"NX-BUS-0001", 1, 2});
    CHECK(letters[1].note == "amount unknown");
    CHECK(letters[1].attempts == 1);
    CHECK(store->deadLetters(9, 1)->size() == 1);
    CHECK(store->read(2, 1)->id == letters[1].id);
    CHECK(store->read(4, 1).error() == Reason::record_not_found);
    CHECK(store->requeue(1, 1).error() == Reason::record_not_found);
    CHECK(store->requeue(2).error() == Reason::record_not_found);
    REQUIRE(store->requeue(2, 1));
    CHECK(store->requeue(2, 1).error() == Reason::record_not_found);
    CHECK(store->counts()->dead == 1);
    CHECK(leasedSalvaged(*store) == Sequences{1, 2, 3});
}

TEST_CASE_METHOD(SalvageFixture,
                 "a salvaged record that is damaged later is a dead letter and holds up no other") {
    append(*open(), 3);
    damage();
    open();
    direct().exec("UPDATE salvaged SET sealed = x'00' WHERE sequence = 2");
    const auto store = open();
    CHECK(leasedSalvaged(*store) == Sequences{1, 3});
    CHECK(store->counts()->salvaged == 2);
}

TEST_CASE_METHOD(SalvageFixture, "where the tables were is known, also when the database does not say it") {
    const bool first = GENERATE(true, false);
    const Claim claim{claimKey(9), start + 1h, Reason::already_used};
    {
        const auto store = open();
        append(*store, 1100);
        acknowledge(*store, 1, 1050);
        REQUIRE(store->openIntent({claimKey(1), toBytes("torn"), {claim}}));
    }
    losePage(first);
    const auto store = open();
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(leasedSalvaged(*store) == range(1051, 1100));
    CHECK(told(*store)["unreadable"] == 0);
    CHECK(store->openIntents()->size() == 1);
    CHECK(*store->isClaimed(claim.key, start));
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
        CHECK(file.path().string().find(".copy") == std::string::npos);
}

TEST_CASE_METHOD(SalvageFixture, "a database of which only the copy can be read tells what it knows") {
    {
        const auto store = open();
        append(*store, 1100);
        acknowledge(*store, 1, 1100);
    }
    losePage(true);
    const auto counts = told(*open());
    CHECK(counts["epoch"] == 1);
    CHECK(counts["last_sequence"] == 1100);
    CHECK(counts["salvaged"] == 0);
}

TEST_CASE_METHOD(SalvageFixture,
                 "a table that the schema places wrongly is found where a new database has it") {
    append(*open(), 40);
    direct().exec("PRAGMA writable_schema = ON;"
                  "UPDATE sqlite_schema SET rootpage = rootpage + 8 WHERE name = 'journal'");
    CHECK(leasedSalvaged(*open()) == range(1, 40));
}

TEST_CASE_METHOD(SalvageFixture,
                 "what lies elsewhere than in a new database is found where it is said to be") {
    append(*open(), 20);
    damage();
    REQUIRE(leasedSalvaged(*open()).size() == 20);
    direct().exec("VACUUM");
    damage();
    const auto store = open();
    CHECK(store->last().epoch == 3);
    CHECK(store->counts()->salvaged == 21); // and the event
}

TEST_CASE_METHOD(SalvageFixture, "a mark beyond the last record tells that the end is gone") {
    append(*open(), 3);
    auto database = Connection(options.file, SQLite::OPEN_READWRITE);
    REQUIRE(writeSettledMark(database, options.terminal, 1, KeyRing(key.clone()), 5));
    const auto store = open();
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(told(*store)["last_sequence"] == 5);
}

TEST_CASE_METHOD(SalvageFixture, "a salvaged record that its index does not find is not forgotten") {
    append(*open(), 3);
    damage();
    open();
    emptyIndex("salvaged_pending", "state = 0");
    const auto store = open();
    CHECK(store->last().epoch == 3);
    CHECK(store->leaseSalvaged(10, 10'000, 1min)->size() == 3);
}

TEST_CASE_METHOD(SalvageFixture, "a dead letter that its index does not find is not forgotten") {
    {
        const auto store = open();
        append(*store, 3);
        REQUIRE(store->bury(2, "rejected: in a test"));
    }
    emptyIndex("delivery_dead", "state = 2");
    const auto store = open();
    CHECK(store->last().epoch == 2);
    CHECK(store->leaseSalvaged(10, 10'000, 1min)->size() == 3);
}

TEST_CASE_METHOD(SalvageFixture, "what lies elsewhere than in a new database is missed, and told") {
    append(*open(), 300);
    direct().exec("VACUUM");
    losePage(true);
    const auto store = open();
    const auto delivered = leasedSalvaged(*store).size();
    CHECK(delivered > 0);
    CHECK(told(*store)["salvaged"] == delivered);
    CHECK(told(*store)["unreadable"] == 300 - delivered);
    CHECK(store->append(entry()));
}

TEST_CASE_METHOD(SalvageFixture,
                 "an intent that is salvaged keeps its claims, and frees them if nothing was paid") {
    const auto made = GENERATE(Store::Purchase::made, Store::Purchase::not_made);
    const Claim claim{claimKey(9), start + 1h, Reason::already_used};
    {
        const auto store = open();
        append(*store, 1);
        REQUIRE(store->openIntent({claimKey(1), toBytes("first"), {claim}}));
        REQUIRE(store->openIntent({claimKey(2), toBytes("second"), {}}));
    }
    direct().exec("UPDATE intent SET sealed = x'00' WHERE number = 2");
    damage();
    const auto store = open();
    CHECK(told(*store)["intents"] == 1);
    CHECK(told(*store)["unreadable_intents"] == 1);
    const auto open = store->openIntents();
    REQUIRE(open->size() == 1);
    CHECK(open->front().payload == toBytes("first"));
    CHECK(store->isClaimed(claim.key, start).value());
    REQUIRE(store->settleIntent(1, made, std::nullopt));
    CHECK(store->isClaimed(claim.key, start).value() == (made == Store::Purchase::made));
}

TEST_CASE_METHOD(SalvageFixture, "a row that is gone under an open store is damage, whoever misses it") {
    const auto gone = GENERATE(1, 2);
    const bool isRead = GENERATE(true, false);
    {
        const auto store = open();
        append(*store, 3);
        direct().exec("DROP TRIGGER journal_is_never_deleted; DELETE FROM journal WHERE sequence = " +
                      std::to_string(gone));
        CHECK(store->verifyChain().error().context == "sequence " + std::to_string(gone));
        CHECK(store->read(4).error() == Reason::record_not_found);
        CHECK_FALSE(store->isDamaged());
        if (isRead)
            CHECK(store->read(static_cast<std::uint64_t>(gone)).error() == Reason::store_corrupt);
        else
            CHECK_FALSE(store->lease(10, 1'000'000, Milliseconds{60'000}));
        CHECK(store->isDamaged());
    }
    const auto replacement = open()->replacement();
    REQUIRE(*replacement);
    CHECK((*replacement)->salvaged == 2);
    CHECK((*replacement)->unreadable == 1);
}

TEST_CASE_METHOD(SalvageFixture, "damage under an open store is told, and the next opening replaces it") {
    {
        const auto store = open();
        for (int i = 0; i < 6000; ++i) // more than SQLite keeps in memory
            REQUIRE(store->append(entry(RecordClass::money, toHex(*crypto::randomBytes(250)))));
        REQUIRE(store->acknowledge({{1, "R"}}));
    }
    {
        const auto store = open();
        std::fstream file(options.file, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(500 * 1024);
        file << std::string(50 * 1024, '\x5a') << std::flush;
        CHECK_FALSE(store->isDamaged());
        CHECK(store->list(1, 10'000).error() == Reason::store_corrupt);
        CHECK(store->isDamaged());
    }
    const auto store = open();
    const auto replacement = *store->replacement();
    REQUIRE(replacement);
    CHECK(replacement->unreadable > 20);
    CHECK(replacement->unreadable + replacement->salvaged == 6000);
    CHECK_FALSE(store->isDamaged());
    CHECK_FALSE(replacement->told);
}
