// Databases of earlier schemas, made from today's by what was not there yet.
#include "fixture.h"
#include "offline_store/packing.h"

using namespace ykt;
using namespace ykt::offline_store;
using namespace std::chrono_literals;

namespace {

constexpr auto saltSize = 16;

constexpr auto indexOf5 = "DROP INDEX salvaged_refused;"
                          "CREATE INDEX salvaged_dead ON salvaged (epoch, sequence) WHERE state = 2;"
                          "PRAGMA user_version = 5";

// Undoes step 6: seals the record as it was sealed before, bound to its id alone and not packed.
void backTo5(SQLite::Database database, const KeyRing& keys, const RecordId& id,
             const std::string& table = "journal") {
    const auto where = " WHERE sequence = " + std::to_string(id.sequence);
    if (table == "journal")
        database.exec("DROP TRIGGER journal_is_never_changed");
    const auto sealed = fromHex(database.execAndGet("SELECT hex(sealed) FROM " + table + where).getString());
    REQUIRE(sealed);
    const auto opened = keys.unseal(*sealed, asBytes("ykt-packed-1 " + id.text()));
    REQUIRE(opened);
    const auto payload = unpack(opened->reveal().subspan(saltSize));
    REQUIRE(payload);
    const auto before = *keys.seal(concat({opened->reveal().first(saltSize), *payload}), asBytes(id.text()));
    database.exec("UPDATE " + table + " SET sealed = x'" + toHex(before) + "'" + where);
    if (table == "journal")
        database.exec("CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal BEGIN SELECT 1; END");
    database.exec(indexOf5);
}

// Undoes step 5, and so on.
constexpr auto backTo4 = R"sql(
    DROP INDEX salvaged_refused;
    ALTER TABLE delivery DROP COLUMN twin;
    ALTER TABLE salvaged DROP COLUMN twin;
    PRAGMA user_version = 4;
)sql";

constexpr auto backTo3 = R"sql(
    DROP TABLE confirmation; DROP TABLE revocation; DROP TABLE salvaged;
    DROP TABLE directive; DROP TABLE bulletin_floor;
    DROP TRIGGER journal_is_never_changed; -- SQLite takes no column away that a trigger names
    ALTER TABLE journal DROP COLUMN data_key;
    ALTER TABLE intent DROP COLUMN data_key;
    CREATE TRIGGER journal_is_never_changed BEFORE UPDATE ON journal BEGIN SELECT 1; END;
    DROP TABLE delivery;
    CREATE TABLE delivery (
        sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
        class    INTEGER NOT NULL,
        state    INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 2),
        attempts INTEGER NOT NULL DEFAULT 0,
        note     TEXT    NOT NULL DEFAULT ''
    ) STRICT;
    CREATE INDEX delivery_pending ON delivery (class, sequence) WHERE state = 0;
    CREATE INDEX delivery_dead ON delivery (sequence) WHERE state = 2;
    INSERT INTO delivery (sequence, class, state, attempts, note) SELECT sequence, class,
        CASE sequence WHEN 1 THEN 0 WHEN 2 THEN 0 WHEN 3 THEN 1 ELSE 2 END, sequence - 1, '' FROM journal;
    ALTER TABLE journal DROP COLUMN order_key;
    PRAGMA user_version = 3;
)sql";

constexpr auto backTo2 = R"sql(
    DROP TABLE quota;
    DROP TABLE claim;
    CREATE TABLE claim (
        key      BLOB PRIMARY KEY CHECK (length(key) = 32),
        until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = 2;
)sql";

constexpr auto backTo1 = R"sql(
    DROP TABLE intent;
    DROP TABLE tally;
    PRAGMA user_version = 1;
)sql";

Entry withEverything() {
    auto made = entry();
    made.claims = {{claimKey(2), start + 1min, Reason::already_used},
                   {claimKey(3), start + 10s, Reason::repeated_too_soon}};
    made.tally = "legacy_card";
    made.quotas = {{claimKey(4), 1}};
    return made;
}

} // namespace

TEST_CASE_METHOD(Fixture, "a database of an earlier version is brought up to date with what it holds") {
    const bool first = GENERATE(true, false);
    {
        const auto store = open();
        for (int i = 0; i < 4; ++i)
            REQUIRE(store->append(entry()));
    }
    direct().exec(backTo4);
    direct().exec(backTo3);
    direct().exec(backTo2);
    if (first)
        direct().exec(backTo1);
    {
        auto database = direct();
        SQLite::Statement insert(database, "INSERT INTO claim (key, until_ms) VALUES (?, ?)");
        const auto claimed = claimKey(1);
        insert.bind(1, claimed.data(), static_cast<int>(claimed.size()));
        insert.bind(2, unixMilliseconds(start + 1min));
        insert.exec();
    }

    const auto store = open();
    CHECK(store->read(1)->payload == entry().payload);
    CHECK(*store->isClaimed(claimKey(1), start));
    CHECK_FALSE(*store->isClaimed(claimKey(1), start + 1min));
    auto again = entry();
    again.claims = {{claimKey(1), start + 2min, Reason::repeated_too_soon}};
    CHECK(store->append(again).error() == Reason::repeated_too_soon);
    CHECK(store->openIntent({claimKey(9), toBytes("{}"), {}})->number == 1);
    CHECK(store->append(withEverything())->id == RecordId{"NX-BUS-0001", 1, 5});
    CHECK(store->append(withEverything()).error() == Reason::already_used);
    CHECK(store->tallies(1)->size() == 1);
    CHECK(store->counts()->pending == 3);
    CHECK(store->counts()->dead == 1);
    CHECK(store->list(2, 1)->front().attempts == 1);
    CHECK(store->list(3, 1)->front().state == DeliveryState::acknowledged);
    CHECK(store->list(4, 1)->front().attempts == 3);
    CHECK(store->verifyChain());
    CHECK(direct().execAndGet("PRAGMA user_version").getInt() == 6);
}

TEST_CASE_METHOD(Fixture,
                 "what was sealed before payloads were packed is read, proved, delivered and salvaged") {
    const KeyRing keys(key.clone());
    const auto payload = toBytes(R"({"fare_fen":200,"lane":"card-1","service":"bus.ride"})");
    {
        const auto store = open();
        for (int i = 0; i < 2; ++i)
            REQUIRE(store->append(entry(RecordClass::money, toText(payload))));
    }
    backTo5(direct(), keys, {"NX-BUS-0001", 1, 1});
    {
        const auto store = open();
        CHECK(store->read(1)->payload == payload);
        REQUIRE(store->append(entry()));
        CHECK(store->verifyChain());
        const auto leased = store->lease(10, 10'000, 1min);
        CHECK(sequencesOf(*leased) == std::vector<std::uint64_t>{1, 2, 3});
        CHECK(leased->front().payload == payload);
    }
    CHECK(open()->last() == RecordId{"NX-BUS-0001", 1, 3}); // what a migration leaves is today's
    direct().exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'"); // damaged
    {
        const auto store = open();
        CHECK(store->read(1, 1)->payload == payload);
    }
    backTo5(direct(), keys, {"NX-BUS-0001", 1, 2}, "salvaged");
    const auto salvaged = open()->leaseSalvaged(10, 10'000, 1min);
    CHECK(sequencesOf(*salvaged) == std::vector<std::uint64_t>{1, 2, 3});
    CHECK(salvaged->at(1).payload == payload);
}

TEST_CASE_METHOD(Fixture, "a damaged version of an earlier database is damage too") {
    const auto version = GENERATE(1, 2, 3, 4);
    REQUIRE(open()->append(entry()));
    backTo5(direct(), KeyRing(key.clone()), {"NX-BUS-0001", 1, 1});
    direct().exec("PRAGMA user_version = " + std::to_string(version));
    const auto store = open();
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 1});
    CHECK(store->counts()->salvaged == 1);
}

TEST_CASE_METHOD(Fixture, "a database of version 4 keeps what is delivered, and what was salvaged") {
    {
        const auto store = open();
        for (int i = 0; i < 3; ++i)
            REQUIRE(store->append(entry()));
    }
    direct().exec("UPDATE setting SET value = x'00' WHERE name = 'key_check'"); // damaged
    {
        const auto store = open();
        REQUIRE(store->append(entry()));
        REQUIRE(store->acknowledge({{1, "R"}}));
        REQUIRE(store->acknowledge({{2, "R"}}, 1));
    }
    direct().exec(backTo4);
    const auto store = open();
    CHECK(store->last() == RecordId{"NX-BUS-0001", 2, 2});
    CHECK(store->list(1, 1)->front().state == DeliveryState::acknowledged);
    CHECK(sequencesOf(*store->lease(10, 10'000, 1min)) == std::vector<std::uint64_t>{2});
    CHECK(sequencesOf(*store->leaseSalvaged(10, 10'000, 1min)) == std::vector<std::uint64_t>{1, 3});
}
