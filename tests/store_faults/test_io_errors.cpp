// One call to the disk fails, or all from then on: the first, the second, ... until nothing is left to fail.
#include "faulty_disk.h"
#include "tests/offline_store/fixture.h"
#include "workload.h"

#include <cstdio>
#include <sys/wait.h>

using namespace ykt;
using namespace ykt::offline_store;
using Fault = test::FaultyDisk::Fault;

namespace {

struct Day : Fixture {
    test::Promises promises;
    std::uint64_t work = 0;

    // The same things each time, and the store is closed and opened among them. What failed.
    std::vector<Error> run() {
        std::vector<Error> errors;
        test::Workload workload([this](const test::Event& event) { promises.hear(event); }, ++work,
                                promises.lastBulletin(), false);
        for (int opening = 0; opening < 2; ++opening) {
            const auto store = tryOpen();
            if (!store)
                errors.push_back(store.error());
            for (int steps = 0; store && steps < 16; ++steps)
                if (const auto done = workload.step(**store); !done)
                    errors.push_back(done.error());
        }
        return errors;
    }

    void check() {
        const auto store = open();
        const auto complaints = promises.broken(*store);
        INFO((complaints.empty() ? "" : complaints.front()));
        REQUIRE(complaints.empty());
        REQUIRE_FALSE(std::filesystem::exists(options.file.string() + ".damaged-1"));
    }
};

// How many calls a day takes. A fault that lasts has much the same effect at one call as at the next.
std::uint64_t failEach(Fault fault, bool lasting) {
    for (std::uint64_t call = 1;; call += lasting ? 5 : 1) {
        test::FaultyDisk disk;
        Day day;
        disk.failAt(call, fault, lasting);
        const auto errors = day.run();
        disk.heal();
        INFO("call " << call << (errors.empty() ? "" : ": " + explain(errors.front())));
        for (const auto& error : errors)
            REQUIRE((error == Reason::store_failed || error == Reason::store_full));
        day.check();
        if (const auto second = day.run(); !second.empty())
            FAIL("the second run: " << explain(second.front()));
        day.check();
        if (!disk.hasFailed())
            return call - 1;
    }
}

} // namespace

TEST_CASE("whichever call to the disk fails, nothing is lost and the second run succeeds") {
    const auto once = failEach(Fault::broken, false);
    const auto lasting = failEach(Fault::broken, true);
    std::printf("I/O errors: at each of %llu calls, once; at each fifth of %llu, lasting\n",
                static_cast<unsigned long long>(once), static_cast<unsigned long long>(lasting));
    CHECK(once > 200);
    CHECK(lasting > 200);
}

TEST_CASE("whenever the disk is full, nothing is lost and the second run succeeds") {
    const auto once = failEach(Fault::full, false);
    const auto lasting = failEach(Fault::full, true);
    std::printf("full disk: at each of %llu calls, once; at each fifth of %llu, lasting\n",
                static_cast<unsigned long long>(once), static_cast<unsigned long long>(lasting));
    CHECK(once > 50);
    CHECK(lasting > 50);
}

// What was refused because the disk failed must not be there after a crash: the holder was told that nothing
// was done. (On a full disk no write is whole, so that there is nothing to come to life.)
TEST_CASE("a record that a failing disk refused is not there when the program dies at once") {
    enum Outcome { written = 10, refused, disk_held };
    int refusals = 0;
    for (std::uint64_t call = 1;; ++call) {
        const Fixture terminal;
        terminal.open();
        const auto child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) { // ends without closing, so that the write-ahead log stays as it is
            test::FaultyDisk disk;
            const auto store = terminal.open();
            disk.failAt(call, Fault::broken, false);
            const auto record = store->append(entry());
            ::_exit(!disk.hasFailed() ? disk_held : record ? written : refused);
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFEXITED(status));
        INFO("call " << call);
        CHECK(terminal.open()->last().sequence == (WEXITSTATUS(status) == refused ? 0 : 1));
        refusals += WEXITSTATUS(status) == refused;
        if (WEXITSTATUS(status) == disk_held)
            break;
        REQUIRE(call < 1000);
    }
    CHECK(refusals >= 3);
}

TEST_CASE("what the last write ended with is told until one succeeds") {
    const auto fault = GENERATE(Fault::broken, Fault::full);
    test::FaultyDisk disk;
    Fixture terminal;
    terminal.options.limits.undeliveredMoney = 2;
    const auto store = terminal.open();
    auto claiming = entry();
    claiming.claims.push_back({claimKey(1), start + std::chrono::hours{1}, Reason::already_used});
    REQUIRE(store->append(claiming));
    CHECK_FALSE(store->writeError());
    disk.failAt(1, fault, true);
    const auto refused = store->append(entry());
    REQUIRE_FALSE(refused);
    CHECK(store->writeError() == refused.error().reason);
    disk.heal();
    CHECK(store->append(claiming).error() == Reason::already_used); // writes nothing, so it shows nothing
    CHECK(store->writeError() == refused.error().reason);
    REQUIRE(store->append(entry()));
    CHECK_FALSE(store->writeError());
    CHECK(store->openIntent({}).error() == Reason::store_full); // of its limit, which is not the disk
    CHECK_FALSE(store->writeError());
}

TEST_CASE("a record that comes alone costs one flush, and so does a batch that is settled") {
    constexpr std::uint64_t records = 50; // no checkpoint is due among them
    const test::FaultyDisk disk;
    const Fixture terminal;
    const auto store = terminal.open();
    REQUIRE(store->append(entry()));
    const auto before = disk.flushes();
    std::vector<Store::Settled> settled;
    for (std::uint64_t i = 0; i < records; ++i)
        settled.push_back({store->append(entry()).value().id.sequence, "R"});
    CHECK(disk.flushes() - before == records);
    REQUIRE(store->acknowledge(settled));
    CHECK(disk.flushes() - before == records + 1);
}
