#include "drivers/simulated/actuation_log.h"
#include "folder.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace ykt;
using namespace ykt::drivers;

TEST_CASE("actuations are remembered in order, with their time") {
    hal::ManualClock clock(wallFromUnixMilliseconds(1'800'000'000'123));
    ActuationLog log(clock);
    CHECK(log.all().empty());
    CHECK(log.gate().open());
    clock.advance(Milliseconds{7});
    CHECK(log.light().show(hal::Signal::accepted));
    CHECK(log.sound().play(hal::Signal::refused));
    const auto all = log.all();
    REQUIRE(all.size() == 3);
    CHECK(all[0].actuator == "gate");
    CHECK(all[0].signal == "open");
    CHECK(all[1].actuator == "light");
    CHECK(all[1].signal == "accepted");
    CHECK(all[2].actuator == "sound");
    CHECK(all[2].signal == "refused");
    CHECK(all[1].at.monotonic - all[0].at.monotonic == Milliseconds{7});
    CHECK(log.waitFor(3, Milliseconds{0}));
    CHECK_FALSE(log.waitFor(4, Milliseconds{1}));
}

TEST_CASE("actuations are appended to a file as lines of JSON") {
    const Folder folder;
    hal::ManualClock clock(wallFromUnixMilliseconds(1'800'000'000'123));
    clock.advance(Milliseconds{1});
    const auto path = folder.write("actuations.jsonl", "earlier\n");
    ActuationLog log(clock, path);
    CHECK(log.gate().open());
    CHECK(log.light().show(hal::Signal::fault));
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    CHECK(line == "earlier");
    std::getline(file, line);
    CHECK(line == R"({"actuator":"gate","signal":"open","wall_ms":1800000000124,"monotonic_ns":1000000})");
    std::getline(file, line);
    CHECK(line == R"({"actuator":"light","signal":"fault","wall_ms":1800000000124,"monotonic_ns":1000000})");
    CHECK_FALSE(std::getline(file, line));
}

TEST_CASE("a log file that cannot be written fails the actuation") {
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    ActuationLog log(clock, "/nonexistent/actuations.jsonl");
    CHECK(log.gate().open().error() == Reason::wire_failed);
}

TEST_CASE("threads may actuate at once, and memory stays bounded") {
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    ActuationLog log(clock);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (std::size_t n = 0; n < ActuationLog::capacity / 2; ++n)
                    (void)log.gate().open();
            });
        CHECK(log.waitFor(2 * ActuationLog::capacity, std::chrono::seconds{30}));
    }
    CHECK(log.all().size() == ActuationLog::capacity);
}
