// What a full disk leaves behind; tests/store_faults has the other faults.
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
            const auto record = (*store)->append(entry(RecordClass::money, toHex(*crypto::randomBytes(300))));
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
