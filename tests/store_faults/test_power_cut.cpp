// The power goes at any write, flush, truncation, creation or deletion: of what was not flushed any sector
// may be there or not. YKT_SEED plays a run again (its threads aside), YKT_CUTS says how many.
#include "faulty_disk.h"
#include "tests/environment.h"
#include "tests/offline_store/fixture.h"
#include "workload.h"

#include <cstdio>

using namespace ykt;
using namespace ykt::offline_store;
using test::numberFrom;

namespace {

// A terminal whose power goes again and again. An old one is given up, so that checking it stays quick.
struct Terminal : Fixture {
    test::Promises promises;

    // Works until the power goes. False: something failed while it was there.
    bool workUntilCut(test::FaultyDisk& disk, std::mt19937_64& random) {
        test::Workload workload([this](const test::Event& event) { promises.hear(event); }, random(),
                                promises.lastBulletin(), random() % 4 == 0);
        // Long ones let the write-ahead log grow until it is checkpointed by itself.
        disk.cutAt(std::uniform_int_distribution<std::uint64_t>(1, random() % 12 == 0 ? 2500 : 250)(random));
        while (!disk.isCut()) {
            const auto store = tryOpen();
            bool works = store.has_value();
            for (auto steps = 1 + random() % 300; works && steps > 0; --steps)
                works = workload.step(**store).has_value();
            if (!works && !disk.isCut())
                return false;
        }
        return true;
    }

    // What is broken once the power is back.
    std::vector<std::string> look() {
        const auto store = tryOpen();
        if (!store)
            return {"opening: " + explain(store.error())};
        auto complaints = promises.broken(**store);
        if (std::filesystem::exists(options.file.string() + ".damaged-1"))
            complaints.emplace_back("it was taken for damaged");
        if (direct().execAndGet("PRAGMA integrity_check").getString() != "ok")
            complaints.emplace_back("integrity_check");
        return complaints;
    }
};

struct Run {
    std::uint64_t cuts = 0;
    std::uint64_t appends = 0;
    std::uint64_t losses = 0; // cuts that broke a promise
    std::string first;        // of what was broken
};

// `cuts` cuts, spread over terminals that live through `cutsOfOne` each or until the first loss.
Run cutPower(test::FaultyDisk& disk, std::uint64_t cuts, std::uint64_t seed) {
    constexpr int cutsOfOne = 12;
    Run run;
    std::mt19937_64 random(seed);
    while (run.cuts < cuts) {
        Terminal terminal;
        bool sound = true;
        for (int cut = 0; sound && cut < cutsOfOne && run.cuts < cuts; ++cut, ++run.cuts) {
            REQUIRE(terminal.workUntilCut(disk, random));
            disk.powerOn(random);
            const auto complaints = terminal.look();
            sound = complaints.empty();
            if (!sound && run.losses++ == 0)
                run.first = "cut " + std::to_string(run.cuts) + ": " + complaints.front();
        }
        run.appends += terminal.promises.appends();
    }
    return run;
}

std::uint64_t announcedSeed(const char* what) {
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::printf("power cuts, %s: YKT_SEED=%llu\n", what, static_cast<unsigned long long>(seed));
    return seed;
}

} // namespace

TEST_CASE("a cut of power at any moment breaks no promise of the store") {
    test::FaultyDisk disk;
    const auto run = cutPower(disk, numberFrom("YKT_CUTS", 500), announcedSeed("as it is"));
    std::printf("%llu cuts, %llu records promised\n", static_cast<unsigned long long>(run.cuts),
                static_cast<unsigned long long>(run.appends));
    INFO(run.first);
    CHECK(run.losses == 0);
    CHECK((run.cuts < 100 || run.appends > run.cuts));
}

TEST_CASE("with synchronous=NORMAL, the same cuts lose records") {
    test::FaultyDisk disk;
    disk.hearFullAsNormal();
    CHECK(cutPower(disk, 60, announcedSeed("synchronous=NORMAL")).losses > 0);
}

TEST_CASE("on a disk that swallows the log's flushes, the same cuts lose records") {
    test::FaultyDisk disk;
    disk.swallowFlushes("-wal");
    CHECK(cutPower(disk, 60, announcedSeed("swallowed flushes")).losses > 0);
}
