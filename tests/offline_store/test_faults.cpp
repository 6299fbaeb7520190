// What a full disk and a killed process leave behind.
#include "fixture.h"

#include <csignal>
#include <functional>
#include <sys/resource.h>
#include <sys/wait.h>

using namespace ykt;
using namespace ykt::offline_store;

namespace {

// Runs `body` in a child process and hands it the writing end of a pipe; gives the child and the reading end.
std::pair<pid_t, int> forkWriter(const std::function<void(int)>& body) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const auto child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        body(ends[1]);
        ::_exit(0);
    }
    ::close(ends[1]);
    return {child, ends[0]};
}

std::uint64_t lastNumber(int pipe) {
    std::uint64_t number = 0;
    std::uint64_t last = 0;
    while (::read(pipe, &number, sizeof number) == sizeof number)
        last = number;
    return last;
}

} // namespace

TEST_CASE_METHOD(Fixture, "a full disk is an error that loses nothing and leaves no gap") {
    open();
    // In a child, because the limit is the process's: files may grow to 200 kB, which the write-ahead log
    // soon meets.
    const auto [child, pipe] = forkWriter([&](int out) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{200'000, 200'000};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        auto store = Store::open(options, key.clone(), clock);
        std::uint64_t acknowledged = 0;
        int failures = 0;
        for (int i = 0; store && i < 2000 && failures < 5; ++i) {
            const auto record = (*store)->append(entry(RecordClass::money, std::string(600, 'x')));
            if (record)
                acknowledged = record->id.sequence;
            else
                ++failures;
        }
        if (failures == 5) // else the parent reads nothing
            [[maybe_unused]]
            const auto written = ::write(out, &acknowledged, sizeof acknowledged);
    });
    const auto acknowledged = lastNumber(pipe);
    ::close(pipe);
    REQUIRE(::waitpid(child, nullptr, 0) == child);
    REQUIRE(acknowledged > 20);

    const auto store = open();
    CHECK(store->verifyChain());
    CHECK(store->counts()->pending == acknowledged);
    CHECK(store->append(entry())->id == RecordId{"NX-BUS-0001", 1, acknowledged + 1});
}

TEST_CASE_METHOD(Fixture, "a process killed at any moment loses no acknowledged record") {
    std::uint64_t acknowledged = 0;
    for (unsigned round = 0; round < 30; ++round) {
        const auto [child, pipe] = forkWriter([&](int out) {
            auto store = Store::open(options, key.clone(), clock);
            while (store) {
                const auto record = (*store)->append(entry(RecordClass::money, std::string(400, 'x')));
                if (!record || ::write(out, &record->id.sequence, sizeof record->id.sequence) < 0)
                    return;
                if (record->id.sequence % 7 == 0)
                    (void)(*store)->acknowledge({{record->id.sequence - 1, "R"}});
            }
        });
        std::uint64_t first = 0; // the child writes by now; let it go on for a while
        REQUIRE(::read(pipe, &first, sizeof first) == sizeof first);
        acknowledged = std::max(acknowledged, first);
        ::usleep((round * 7919) % 40'000);
        ::kill(child, SIGKILL);
        acknowledged = std::max(acknowledged, lastNumber(pipe));
        ::close(pipe);
        REQUIRE(::waitpid(child, nullptr, 0) == child);

        const auto store = open();
        const auto counts = *store->counts();
        const auto present = counts.pending + counts.acknowledged;
        REQUIRE(store->verifyChain()); // also: no gap
        REQUIRE(present >= acknowledged);
        REQUIRE(present <= acknowledged + 1); // at most the one that was not told any more
        acknowledged = present;
        const auto last = present == 0 ? 0 : store->list(present, 9)->back().id.sequence;
        REQUIRE(last == present);
        if (present > 0)
            REQUIRE(store->read(present)->id.epoch == 1);
    }
    CHECK(acknowledged > 30);
    CHECK(direct().execAndGet("PRAGMA integrity_check").getString() == "ok");
}
