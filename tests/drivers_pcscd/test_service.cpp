#include "tests/eventually.h"
#include "virtual_reader.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <future>
#include <map>
#include <thread>

using namespace testing;
using namespace std::chrono_literals;

namespace {

// Entries of a folder of this process in /proc: "fd" or "task".
std::size_t counted(const char* folder) {
    const std::filesystem::directory_iterator entries(std::filesystem::path("/proc/self") / folder);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Exchanges in a thread of its own, with new connections and old ones, whatever happens to pcscd.
class Load {
  public:
    explicit Load(std::shared_ptr<hal::CardReader> reader) : reader_(std::move(reader)) {}

    // Why exchanges failed.
    std::map<Reason, std::string> stop() {
        thread_.request_stop();
        thread_.join();
        return failures_;
    }
    std::atomic<int> answered = 0;

  private:
    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            const auto card = reader_->connect();
            if (!card)
                failures_.emplace(card.error().reason, explain(card.error()));
            for (int i = 0; card && i < 20; ++i)
                if (const auto answer = (*card)->transmit(kCommand))
                    ++answered;
                else
                    failures_.emplace(answer.error().reason, explain(answer.error()));
        }
    }

    std::shared_ptr<hal::CardReader> reader_;
    std::map<Reason, std::string> failures_;
    std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

} // namespace

TEST_CASE("pcscd is killed and started again, twenty times, in the middle of exchanges") {
    World world;
    world.insert();
    const auto files = counted("fd"); // with one connection less than there will be
    const auto threads = counted("task");
    {
        Load load(world.pcsc->reader("Virtual PCD 00 00"));
        for (int round = 0; round < 20; ++round) {
            INFO("round " << round);
            const auto card = *world.reader->connect();
            REQUIRE(card->transmit(kCommand) == kOk);
            pcscd("pcscd_stop KILL");
            CHECK(nextEvent(*world.reader).kind == Kind::service_gone);
            CHECK(card->transmit(kCommand).error() == Reason::service_gone);
            CHECK(world.reader->connect().error() == Reason::service_gone);
            pcscd("pcscd_start");
            CHECK(nextEvent(*world.reader).kind == Kind::service_back);
            REQUIRE(nextEvent(*world.reader).kind == Kind::inserted);
            CHECK((*world.reader->connect())->transmit(kCommand) == kOk);
            CHECK_FALSE(card->transmit(kCommand)); // of the pcscd before
        }
        const int before = load.answered;
        CHECK(test::eventually([&] { return load.answered > before; }));
        for (const auto& [reason, explained] : load.stop()) {
            INFO(explained);
            CHECK((reason == Reason::service_gone || reason == Reason::reader_gone ||
                   reason == Reason::card_gone || reason == Reason::card_mute));
        }
    }
    CHECK_FALSE(world.reader->nextEvent({}, Milliseconds{0})->has_value());
    CHECK(counted("task") == threads);
    CHECK(counted("fd") <= files + 2); // the session that the reader keeps, by two descriptors
}

TEST_CASE("pcscd dies while a card is being asked") {
    std::promise<void> dead;
    World world;
    world.insert([&](ByteView) {
        pcscd("pcscd_stop KILL");
        dead.set_value();
        return kOk;
    });
    const auto card = *world.reader->connect();
    CHECK(card->transmit(kCommand).error() == Reason::service_gone);
    CHECK(nextEvent(*world.reader).kind == Kind::service_gone);
    dead.get_future().wait_for(10s);
    pcscd("pcscd_start");
    CHECK(nextEvent(*world.reader).kind == Kind::service_back);
    CHECK(nextEvent(*world.reader).kind == Kind::inserted);
}

TEST_CASE("the terminal starts before pcscd") {
    pcscd("pcscd_stop");
    World world;
    CHECK(nextEvent(*world.reader).kind == Kind::service_gone);
    CHECK(world.pcsc->readerNames().empty());
    CHECK(world.reader->connect().error() == Reason::service_gone);
    pcscd("pcscd_start");
    CHECK(nextEvent(*world.reader).kind == Kind::service_back);
    world.insert();
    CHECK((*world.reader->connect())->transmit(kCommand) == kOk);
}

TEST_CASE("a reader that is not plugged in is reported, and connecting says so") {
    World world;
    const auto absent = world.pcsc->reader("No Such Reader", hal::SlotKind::contactless);
    CHECK(nextEvent(*absent).kind == Kind::reader_gone);
    CHECK(absent->info().name == "No Such Reader");
    CHECK(absent->info().kind == hal::SlotKind::contactless);
    CHECK(absent->connect().error() == Reason::reader_gone);
    CHECK(world.pcsc->readerNames() == std::vector<std::string>{"Virtual PCD 00 00", "Virtual PCD 00 01"});
}

TEST_CASE("the monitor stops within a second, with pcscd and without, a hundred times") {
    const drivers::SystemClock clock;
    const auto longestStop = [&](int rounds) {
        std::chrono::nanoseconds longest{0};
        for (int i = 0; i < rounds; ++i) {
            auto pcsc = drivers::Pcsc::start(clock);
            auto reader = pcsc->reader("Virtual", hal::SlotKind::contact);
            const auto begin = clock.now().monotonic;
            pcsc.reset();
            reader.reset();
            longest = std::max(longest, clock.now().monotonic - begin);
        }
        return longest;
    };
    const auto withPcscd = longestStop(100);
    CHECK(withPcscd < 1s);
    pcscd("pcscd_stop");
    const auto without = longestStop(10);
    CHECK(without < 1s);
    pcscd("pcscd_start");
}

TEST_CASE("a stop ends the wait for an event") {
    World world;
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(world.reader->nextEvent(stop.get_token(), 1h).error() == Reason::cancelled);
}
