#include "collector/audit.h"
#include "tests/collector/ledgers.h"

#include <set>

namespace ykt::collector {

namespace {

std::string onlyNote(Ledger& ledger, const IncomingBatch& batch) {
    return notes(ledger.settle(batch)).at(0);
}

} // namespace

TEST_CASE("A record is settled once and gets the same receipt each time it comes") {
    auto place = anyPlace();
    PlayedTerminal terminal;
    const auto batch = terminal.batch(3);
    std::vector<std::string> first;
    {
        auto ledger = place.open();
        first = notes(ledger->settle(batch));
        CHECK(std::set(first.begin(), first.end()).size() == 3);
        CHECK(first[0].starts_with("settled R-"));
        CHECK(notes(ledger->settle(batch)) == first);
    }
    auto again = place.open(); // it was durable
    CHECK(notes(again->settle(batch)) == first);
    CHECK(again->chains()->at(0).records == 3);
}

TEST_CASE("What contradicts a settled record or itself is rejected with the reason") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal;
    const auto one = terminal.record();
    REQUIRE(notes(ledger->settle(terminal.of({one}))).size() == 1);

    auto other = one;
    other.payload = toBytes(R"({"fare":1})");
    terminal.seal(other);
    CHECK(onlyNote(*ledger, terminal.of({other})) == "rejected another record was settled under this id");

    const auto two = terminal.record();
    auto changed = two;
    changed.payload.back() ^= 1;
    CHECK(onlyNote(*ledger, terminal.of({changed})) ==
          "rejected payload digest does not follow from the content");
    changed = two;
    changed.kind = "free_ride";
    CHECK(onlyNote(*ledger, terminal.of({changed})) == "rejected hash does not follow from the content");
    changed = two;
    changed.previous[0] ^= 1;
    terminal.seal(changed);
    CHECK(onlyNote(*ledger, terminal.of({changed})) == "rejected does not continue the record before");
    changed = two;
    changed.sequence = 0;
    CHECK(onlyNote(*ledger, terminal.of({changed})) == "rejected sequences begin with 1");

    // The same under the settled id: a receipt is for what was settled and nothing else.
    changed = one;
    changed.payload.back() ^= 1;
    CHECK(onlyNote(*ledger, terminal.of({changed})) ==
          "rejected payload digest does not follow from the content");

    PlayedTerminal stranger{"NX-BUS-0002", 1, 0, one.hash};
    CHECK(onlyNote(*ledger, stranger.of({stranger.record()})) ==
          "rejected the first record continues another");

    CHECK(onlyNote(*ledger, terminal.of({two})).starts_with("settled"));
}

TEST_CASE("The chain is checked once both neighbours are here, whichever came first") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal;
    const auto batch = terminal.batch(3);
    CHECK(onlyNote(*ledger, terminal.of({batch.records[2]})).starts_with("settled")); // money goes first
    auto broken = batch.records[1];
    broken.payload = toBytes("{}");
    terminal.seal(broken);
    CHECK(onlyNote(*ledger, terminal.of({broken})) == "rejected the record after continues another");
    // In one batch, in any order, and one of them twice.
    const auto late =
        notes(ledger->settle(terminal.of({batch.records[1], batch.records[0], batch.records[1]})));
    CHECK(late[0].starts_with("settled"));
    CHECK(late[1].starts_with("settled"));
    CHECK(late[2] == late[0]);
    CHECK(audit(*ledger)->empty());
}

TEST_CASE("Gaps, refusals and epochs of each terminal are told") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal;
    auto batch = terminal.batch(10);
    const auto lost = batch.records[3];
    batch.records.erase(batch.records.begin() + 6, batch.records.begin() + 9); // 7 to 9
    batch.records.erase(batch.records.begin() + 3);                            // 4
    REQUIRE(ledger->settle(batch));
    auto wrong = lost;
    wrong.payload.clear();
    place.clock.advance(Milliseconds{60'000});
    for (int i = 0; i < 2; ++i)
        REQUIRE(ledger->settle(terminal.of({wrong})));

    const auto chains = *ledger->chains();
    REQUIRE(chains.size() == 1);
    const auto& chain = chains[0];
    CHECK(chain.terminal == terminal.name);
    CHECK(chain.epoch == 1);
    CHECK(chain.records == 6);
    CHECK(chain.lastSequence == 10);
    CHECK(chain.missingRecords() == 4);
    CHECK(chain.missing == std::vector<SequenceRange>{{4, 4}, {7, 9}});
    CHECK(chain.lastSeen == place.clock.now().wall);
    REQUIRE(chain.refused.size() == 1);
    CHECK(chain.refused[0].sequence == 4);
    CHECK(chain.refused[0].times == 2);
    CHECK(chain.refused[0].why == "payload digest does not follow from the content");

    // The store was replaced: a new epoch begins, and what is salvaged of the old one finds its place.
    PlayedTerminal replaced{terminal.name, 2, 0, {}};
    REQUIRE(ledger->settle(replaced.batch(2)));
    CHECK(onlyNote(*ledger, terminal.of({lost})).starts_with("settled"));
    const auto both = *ledger->chains();
    REQUIRE(both.size() == 2);
    CHECK(both[0].missing == std::vector<SequenceRange>{{7, 9}});
    CHECK(both[1].epoch == 2);
    CHECK(both[1].missing.empty());
    CHECK(*audit(*ledger) == std::vector<std::string>{"NX-BUS-0001-1-7 is missing",
                                                      "NX-BUS-0001-1-8 is missing",
                                                      "NX-BUS-0001-1-9 is missing"});
}

TEST_CASE("Batches of one terminal that come at once settle each record once, also at two collectors") {
    auto place = anyPlace();
    PlayedTerminal terminal;
    const auto all = terminal.batch(200);
    std::vector<std::unique_ptr<Ledger>> ledgers;
    ledgers.push_back(place.open());
    ledgers.push_back(place.open());
    std::mutex mutex;
    std::map<std::uint64_t, std::set<std::string>> receipts;
    std::vector<std::string> failures;
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 6; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < 20; ++i) {
                    const auto from = (i * 7 + t * 31) % 180; // overlapping, in another order for each
                    const auto batch =
                        terminal.of({all.records.begin() + static_cast<std::ptrdiff_t>(from),
                                     all.records.begin() + static_cast<std::ptrdiff_t>(from) + 20});
                    const auto verdicts = ledgers[t % 2]->settle(batch);
                    const std::scoped_lock lock(mutex);
                    if (!verdicts)
                        failures.push_back(explain(verdicts.error()));
                    for (std::size_t k = 0; verdicts && k < verdicts->size(); ++k)
                        receipts[batch.records[k].sequence].insert((*verdicts)[k].note);
                }
            });
    }
    CHECK(failures.empty());
    std::set<std::string> distinct;
    for (const auto& [sequence, notes] : receipts) {
        CHECK(notes.size() == 1);
        distinct.insert(*notes.begin());
    }
    CHECK(distinct.size() == receipts.size());
    CHECK(ledgers[0]->chains()->at(0).records == receipts.size());
}

TEST_CASE("What the operator asks besides is asked of new records that fit, and only of them") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal;
    auto batch = terminal.batch(3);
    auto broken = batch.records[2];
    broken.payload.clear();
    std::vector<std::uint64_t> asked;
    const auto noRefunds = [&](const IncomingBatch&, const IncomingRecord& record) {
        asked.push_back(record.sequence);
        return std::string(record.sequence == 2 ? "no such service" : "");
    };
    const auto mixed = terminal.of({batch.records[0], batch.records[1], broken});
    for (int i = 0; i < 2; ++i) {
        const auto told = notes(ledger->settle(mixed, noRefunds));
        CHECK(told[0].starts_with("settled"));
        CHECK(told[1] == "rejected no such service");
    }
    CHECK(asked == std::vector<std::uint64_t>{1, 2, 2});
    CHECK(ledger->chains()->at(0).records == 1);
}

TEST_CASE("An auditor finds what was changed in the database") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal;
    REQUIRE(ledger->settle(terminal.batch(4)));
    CHECK(audit(*ledger)->empty());
    place.change("UPDATE record SET kind = 'free_ride' WHERE sequence = 2");
    place.change("DELETE FROM record WHERE sequence = 4");
    place.change("UPDATE record SET previous = hash WHERE sequence = 3");
    CHECK(*audit(*ledger) ==
          std::vector<std::string>{"NX-BUS-0001-1-2 is changed: hash does not follow from the content",
                                   "NX-BUS-0001-1-3 does not continue the record before",
                                   "NX-BUS-0001-1-3 is changed: hash does not follow from the content"});
    CHECK(audit(*ledger, "NX-BUS-0002")->empty());
}

TEST_CASE("Everything that came can be read again, odd characters included") {
    auto place = anyPlace();
    auto ledger = place.open();
    PlayedTerminal terminal{"NX \"'\\{},\xE5\xAE\x81", 7, 0, {}};
    auto record = terminal.record(std::string("\0\xFF\"\\", 4));
    record.kind = "ri,\"de\\{}'";
    record.wallMs = -1;
    terminal.seal(record);
    REQUIRE(onlyNote(*ledger, terminal.of({record})).starts_with("settled"));
    std::vector<SettledRecord> read;
    REQUIRE(ledger->read(terminal.name, [&](const SettledRecord& settled) { read.push_back(settled); }));
    REQUIRE(read.size() == 1);
    CHECK(read[0].terminal == terminal.name);
    CHECK(read[0].epoch == 7);
    CHECK(read[0].record.kind == record.kind);
    CHECK(read[0].record.payload == record.payload);
    CHECK(read[0].record.wallMs == -1);
    CHECK(read[0].received == place.clock.now().wall);
    CHECK(unsound(terminal.of({}), read[0].record).empty());
}

TEST_CASE("The last status of each terminal is kept") {
    auto place = anyPlace();
    auto ledger = place.open();
    REQUIRE(ledger->noteStatus("NX-BUS-0002", "{}"));
    REQUIRE(ledger->noteStatus("NX-BUS-0001", R"({"a":1})"));
    place.clock.advance(Milliseconds{1});
    REQUIRE(ledger->noteStatus("NX-BUS-0001", R"({"a":2})"));
    const auto statuses = *ledger->statuses();
    REQUIRE(statuses.size() == 2);
    CHECK(statuses[0].terminal == "NX-BUS-0001");
    CHECK(statuses[0].status == R"({"a":2})");
    CHECK(statuses[0].received == place.clock.now().wall);
}

TEST_CASE("A PostgreSQL that crashes costs an error, and afterwards the same records settle once") {
    test::PostgresqlServer server;
    const auto parameters = server.newDatabase();
    const hal::ManualClock clock{WallTime{}};
    const auto ledger = std::move(*PostgresqlLedger::open(parameters, clock));
    PlayedTerminal terminal;
    const auto batch = terminal.batch(5);
    const auto first = notes(ledger->settle(batch));
    server.stop(SIGQUIT);
    const auto next = terminal.batch(5);
    CHECK(ledger->settle(next).error() == Reason::store_failed);
    server.start();
    CHECK(notes(ledger->settle(batch)) == first);
    REQUIRE(ledger->settle(next));
    CHECK(ledger->chains()->at(0).records == 10);
    CHECK(audit(*ledger)->empty());
}

TEST_CASE("A ledger that cannot be opened is an error") {
    const hal::ManualClock clock{WallTime{}};
    CHECK(SqliteLedger::open("/nowhere/ledger.db", clock).error() == Reason::store_failed);
    CHECK(PostgresqlLedger::open("host=/nowhere", clock).error() == Reason::store_failed);
}

TEST_CASE(
    "An unsettled message is kept once, as it came, until it is removed; its number is never another's") {
    auto place = anyPlace();
    const std::string bytes("a\0b\xff", 4);
    {
        auto ledger = place.open();
        REQUIRE(ledger->keepUnsettled("one", bytes, "why not"));
        REQUIRE(ledger->keepUnsettled("two", bytes, "another subject"));
        REQUIRE(ledger->keepUnsettled("one", bytes, "again"));
    }
    auto ledger = place.open(); // it was durable
    const auto after = [&](std::int64_t number) {
        const auto found = ledger->unsettledAfter(number);
        REQUIRE(found);
        return *found;
    };
    const auto first = after(0);
    REQUIRE(first);
    CHECK(first->subject == "one");
    CHECK(first->payload == bytes);
    CHECK(first->why == "why not");
    CHECK(first->received == place.clock.now().wall);
    const auto second = after(first->number);
    REQUIRE(second);
    CHECK(second->subject == "two");
    CHECK_FALSE(after(second->number));

    REQUIRE(ledger->removeUnsettled(second->number));
    REQUIRE(ledger->removeUnsettled(second->number));
    CHECK_FALSE(after(first->number));
    REQUIRE(ledger->keepUnsettled("three", "", ""));
    CHECK(after(first->number)->number > second->number);
}

} // namespace ykt::collector
