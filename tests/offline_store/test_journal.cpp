#include "fixture.h"

#include <fstream>
#include <iterator>

using namespace ykt;
using namespace ykt::offline_store;

TEST_CASE_METHOD(Fixture, "a record comes back as it was appended") {
    const auto store = open();
    const auto first = store->append(entry());
    clock.advance(Milliseconds{1500});
    const auto second = store->append(entry(RecordClass::access, R"({"door":"甲"})", "entry"));
    REQUIRE(second);
    CHECK(first->id == RecordId{"NX-BUS-0001", 1, 1});
    CHECK(second->id.text() == "NX-BUS-0001-1-2");
    CHECK(first->previous == crypto::Digest{});
    CHECK(second->previous == first->hash);

    const auto read = store->read(2);
    REQUIRE(read);
    CHECK(read->id == second->id);
    CHECK(read->recordClass == RecordClass::access);
    CHECK(read->kind == "entry");
    CHECK(toText(read->payload) == R"({"door":"甲"})");
    CHECK(read->written.wall == start + Milliseconds{1500});
    CHECK(read->written.monotonic == clock.now().monotonic);
    CHECK(read->written.boot == clock.now().boot);
    CHECK(read->written.trust == TimeTrust::synced);
    CHECK(read->salt == second->salt);
    CHECK(read->payloadDigest == crypto::sha256(concat({read->salt, read->payload})));
    CHECK(chainHash(*read) == read->hash);
    CHECK(store->read(3).error() == Reason::record_not_found);
    CHECK(store->read(0).error() == Reason::record_not_found);
}

TEST_CASE("the chain's bytes are those of docs/store.md") {
    Record record;
    record.id = {"T", 1, 2};
    record.recordClass = RecordClass::money;
    record.kind = "ride";
    record.written.wall = wallFromUnixMilliseconds(0x0102);
    record.written.monotonic = MonotonicTime{std::chrono::nanoseconds{0x0304}};
    record.written.boot.fill(0xB0);
    record.written.trust = TimeTrust::holdover;
    record.payloadDigest.fill(0xD1);
    record.previous.fill(0xE2);
    Bytes expected = toBytes("ykt-record-1");
    const auto add = [&](ByteView bytes) { expected.insert(expected.end(), bytes.begin(), bytes.end()); };
    add(*fromHex("00"
                 "0001"
                 "54"
                 "00000001"
                 "0000000000000002"
                 "0005"
                 "6d6f6e6579"
                 "0004"
                 "72696465"
                 "0000000000000102"
                 "0000000000000304"
                 "b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0"
                 "0008"
                 "686f6c646f766572"));
    add(record.payloadDigest);
    add(record.previous);
    CHECK(chainHash(record) == crypto::sha256(expected));
}

TEST_CASE_METHOD(Fixture, "list gives summaries from a sequence on") {
    const auto store = open();
    for (int i = 0; i < 5; ++i)
        REQUIRE(store->append(entry(RecordClass::telemetry, "{}", "health")));
    const auto some = store->list(3, 2);
    REQUIRE(some);
    REQUIRE(some->size() == 2);
    CHECK(some->front().id.sequence == 3);
    CHECK(some->front().kind == "health");
    CHECK(some->front().recordClass == RecordClass::telemetry);
    CHECK(some->front().state == DeliveryState::pending);
    CHECK(some->front().written == start);
    CHECK(store->list(6, 10)->empty());
}

TEST_CASE_METHOD(Fixture, "records and sequence go on after a reopening") {
    Bytes hash;
    {
        const auto store = open();
        const auto record = store->append(entry());
        hash.assign(record->hash.begin(), record->hash.end());
    }
    const auto store = open();
    const auto record = store->append(entry());
    CHECK(record->id == RecordId{"NX-BUS-0001", 1, 2});
    CHECK(Bytes(record->previous.begin(), record->previous.end()) == hash);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture, "failed appends leave no gap in the sequence") {
    const auto store = open();
    auto claimed = entry();
    claimed.claims = {{claimKey(1), start + std::chrono::minutes{5}, Reason::already_used}};
    REQUIRE(store->append(claimed));
    for (int i = 0; i < 3; ++i)
        CHECK(store->append(claimed).error() == Reason::already_used);
    CHECK(store->append(entry())->id.sequence == 2);
    CHECK(store->counts()->pending == 2);
    CHECK(store->verifyChain());
}

TEST_CASE_METHOD(Fixture, "every change of a journal row by hand is found, and where") {
    {
        const auto store = open();
        for (int i = 0; i < 300; ++i) // more than one slice of the verification
            REQUIRE(store->append(entry()));
        REQUIRE(store->verifyChain());
    }
    const auto intact = folder.path() / "intact.db";
    direct().exec("VACUUM INTO '" + intact.string() + "'");
    for (const auto* change : {"UPDATE journal SET kind = 'entry' WHERE sequence = 280",
                               "UPDATE journal SET wall_ms = wall_ms + 1 WHERE sequence = 280",
                               "UPDATE journal SET monotonic_ns = 1 WHERE sequence = 280",
                               "UPDATE journal SET boot = zeroblob(16) WHERE sequence = 280",
                               "UPDATE journal SET class = 1 WHERE sequence = 280",
                               "UPDATE journal SET trust = 2 WHERE sequence = 280",
                               "UPDATE journal SET payload_digest = zeroblob(32) WHERE sequence = 280",
                               "UPDATE journal SET hash = zeroblob(32) WHERE sequence = 280",
                               "UPDATE journal SET previous = zeroblob(32) WHERE sequence = 280",
                               "UPDATE journal SET sealed = (SELECT sealed FROM journal WHERE sequence = 1) "
                               "WHERE sequence = 280"}) {
        INFO(change);
        std::filesystem::copy_file(intact, options.file, std::filesystem::copy_options::overwrite_existing);
        {
            auto database = direct();
            CHECK_THROWS_AS(database.exec(change), SQLite::Exception); // the triggers
            database.exec("DROP TRIGGER journal_is_never_changed; DROP TRIGGER journal_is_never_deleted");
            database.exec(change);
        }
        const auto store = open();
        const auto verified = store->verifyChain();
        REQUIRE_FALSE(verified);
        CHECK(verified.error() == Reason::store_corrupt);
        CHECK(verified.error().context == "sequence 280");
    }
}

TEST_CASE_METHOD(Fixture, "a row that was changed together with its hash breaks the chain at the next") {
    Record changed;
    {
        const auto store = open();
        for (int i = 0; i < 3; ++i)
            REQUIRE(store->append(entry()));
        changed = *store->read(2);
    }
    changed.kind = "entry";
    {
        auto database = direct();
        database.exec("DROP TRIGGER journal_is_never_changed");
        database.exec("UPDATE journal SET kind = 'entry', hash = x'" + toHex(chainHash(changed)) +
                      "' WHERE sequence = 2");
    }
    const auto verified = open()->verifyChain();
    REQUIRE_FALSE(verified);
    CHECK(verified.error().context == "sequence 3");
}

TEST_CASE_METHOD(Fixture, "no payload stands readable in any file of the store") {
    const std::string needle = "HOLDER-NAME-THAT-NOBODY-MAY-READ";
    const auto store = open();
    REQUIRE(store->append(entry(RecordClass::money, R"({"name":")" + needle + R"("})")));
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        std::ifstream in(file.path(), std::ios::binary);
        const std::string content(std::istreambuf_iterator<char>(in), {});
        CHECK(content.find(needle) == std::string::npos);
        files += content.find("ride") != std::string::npos
                     ? 1
                     : 0; // what is not secret is found by the same search
    }
    CHECK(files > 0);
    CHECK(toText(store->read(1)->payload).find(needle) != std::string::npos);
}
