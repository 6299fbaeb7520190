#include "virtual_reader.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

using namespace testing;
using namespace std::chrono_literals;

TEST_CASE("pcscd is killed and started again, twenty times, with a card in the reader") {
    World world;
    world.insert();
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
