// SIGKILL at a random moment of 1 to 30 ms. YKT_SEED chooses the moments, YKT_KILLS says how many.
#include "tests/environment.h"
#include "tests/offline_store/fixture.h"
#include "workload.h"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sys/wait.h>

using namespace ykt;
using namespace ykt::offline_store;
using test::Event;
using test::numberFrom;

namespace {

// A child process that does a terminal's work and tells what it does through a pipe.
class Child {
  public:
    explicit Child(const std::function<void(const test::Workload::Tell&)>& work) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            ::close(ends[0]);
            work([out = ends[1]](const Event& event) { // at once: it is shorter than PIPE_BUF
                if (::write(out, &event, sizeof event) != sizeof event)
                    ::_exit(1);
            });
            ::_exit(0);
        }
        ::close(ends[1]);
        events_ = ends[0];
    }
    ~Child() { ::close(events_); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Hears the child until it is silent for ever, or for this long, or until the time is over.
    bool hearOne(test::Promises& promises, std::chrono::microseconds most) const {
        pollfd waiting{events_, POLLIN, 0};
        const auto timeout = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(most).count());
        Event event;
        if (::poll(&waiting, 1, timeout) != 1 || ::read(events_, &event, sizeof event) != sizeof event)
            return false;
        promises.hear(event);
        return true;
    }
    void killAfter(std::chrono::microseconds time, test::Promises& promises) const {
        using Steady = std::chrono::steady_clock;
        const auto end = Steady::now() + time;
        while (Steady::now() < end)
            if (!hearOne(promises,
                         std::chrono::duration_cast<std::chrono::microseconds>(end - Steady::now())))
                break;
        ::kill(process_, SIGKILL);
        while (hearOne(promises, std::chrono::seconds{10})) {
        }
        int status = 0;
        REQUIRE(::waitpid(process_, &status, 0) == process_);
        CHECK(WIFSIGNALED(status)); // it did not end by itself
    }

  private:
    pid_t process_ = -1;
    int events_ = -1;
};

} // namespace

TEST_CASE("a process killed at any moment breaks no promise of the store") {
    const auto kills = numberFrom("YKT_KILLS", 200);
    constexpr std::uint64_t killsOfOne = 25; // so that checking stays quick
    const auto seed = numberFrom("YKT_SEED", std::random_device{}());
    std::mt19937_64 random(seed);
    std::uint64_t records = 0;
    for (std::uint64_t done = 0; done < kills;) {
        Fixture terminal;
        test::Promises promises;
        const auto tell = [&](const Event& event) { promises.hear(event); };
        for (std::uint64_t i = 0; i < killsOfOne && done < kills; ++i, ++done) {
            const bool threads = random() % 3 == 0;
            const Child child([&, work = random(), last = promises.lastBulletin()](const auto& tellParent) {
                test::Workload workload(tellParent, work, last, threads);
                for (;;) { // closing is a checkpoint
                    const auto store = terminal.tryOpen();
                    for (int steps = 0; store && steps < 40; ++steps)
                        if (!workload.step(**store))
                            return;
                    if (!store)
                        return;
                }
            });
            if (random() % 2 == 0) // else opening may be what is killed
                child.hearOne(promises, std::chrono::seconds{30});
            child.killAfter(std::chrono::microseconds{1'000 + random() % 29'000}, promises);

            const auto store = terminal.open();
            const auto complaints = promises.broken(*store);
            INFO("YKT_SEED=" << seed << ", kill " << done << ": "
                             << (complaints.empty() ? "" : complaints.front()));
            REQUIRE(complaints.empty());
            REQUIRE_FALSE(std::filesystem::exists(terminal.options.file.string() + ".damaged-1"));
        }
        records += promises.appends();
        const auto store = terminal.open();
        REQUIRE(test::Workload(tell, 0, 0, false).drain(*store));
        CHECK(promises.broken(*store)
                  .empty()); // in effect each was delivered once: the ledger has it by its id
        CHECK(store->counts()->pending == 0);
        CHECK(terminal.direct().execAndGet("PRAGMA integrity_check").getString() == "ok");
    }
    std::printf("kills: YKT_SEED=%llu, %llu kills, %llu records promised\n",
                static_cast<unsigned long long>(seed), static_cast<unsigned long long>(kills),
                static_cast<unsigned long long>(records));
    CHECK((kills < 100 || records > kills));
}
