#include "virtual_reader.h"

#include <catch2/catch.hpp>
#include <future>

using namespace testing;
using namespace std::chrono_literals;

namespace {

Milliseconds since(MonotonicTime begin, const hal::Clock& clock) {
    return std::chrono::duration_cast<Milliseconds>(clock.now().monotonic - begin);
}

} // namespace

TEST_CASE("a card comes, answers and goes") {
    World world;
    const auto software = std::make_shared<ScriptedCard>([](ByteView command) {
        Bytes echo(command.begin(), command.end());
        echo.insert(echo.end(), {0x90, 0x00});
        return echo;
    });
    world.slot.insert(software);
    const auto inserted = nextEvent(*world.reader);
    CHECK(inserted.kind == Kind::inserted);
    CHECK(inserted.atr == kAtr);
    CHECK(world.reader->info().name == "Virtual PCD 00 00");

    const auto card = *world.reader->connect();
    CHECK(card->atr() == kAtr);
    CHECK(card->transmit(kCommand) == concat({kCommand, kOk}));
    const Bytes longest(255 + 5, 0x5A);
    CHECK(card->transmit(longest) == concat({longest, kOk}));

    world.slot.remove();
    CHECK(nextEvent(*world.reader).kind == Kind::removed);
    CHECK(card->transmit(kCommand).error() == Reason::card_gone);
    CHECK(world.reader->connect().error() == Reason::card_gone);
}

TEST_CASE("a warm reset reaches the card") {
    World world;
    const auto software = world.insert();
    const auto card = *world.reader->connect();
    const int before = software->resets;
    CHECK(card->reset());
    CHECK(software->resets == before + 1);
    CHECK(card->transmit(kCommand) == kOk);
}

TEST_CASE("a card pulled in mid-APDU is card_gone soon, acted or not") {
    World world;
    const auto moment = GENERATE(sim::PullMoment::before_it_acts, sim::PullMoment::after_it_acted);
    world.slot.pullAt(2, moment);
    const auto software = world.insert();
    const auto card = *world.reader->connect();
    CHECK(card->transmit(kCommand) == kOk);
    CHECK(card->transmit(kCommand) == kOk);
    const auto begin = world.clock.now().monotonic;
    const auto torn = card->transmit(kCommand);
    const auto took = since(begin, world.clock);
    REQUIRE_FALSE(torn);
    CHECK(torn.error() == Reason::card_gone);
    CAPTURE(took.count(), torn.error().context);
    CHECK(took < 10s);
    CHECK(software->commands == (moment == sim::PullMoment::before_it_acts ? 2 : 3));
    CHECK_FALSE(world.slot.occupied());
    CHECK(nextEvent(*world.reader).kind == Kind::removed);
    CHECK(card->transmit(kCommand).error() == Reason::card_gone);
}

TEST_CASE("a card that does not answer is mute, soon, and may answer later") {
    World world;
    int asked = 0;
    world.insert([&](ByteView) { return ++asked == 1 ? std::nullopt : std::optional(kOk); });
    const auto card = *world.reader->connect();
    const auto begin = world.clock.now().monotonic;
    CHECK(card->transmit(kCommand).error() == Reason::card_mute);
    CHECK(since(begin, world.clock) < 10s);
    CHECK(card->transmit(kCommand) == kOk);
}

TEST_CASE("an answer that the virtual reader cannot carry is none, and does not hold up the next") {
    World world;
    const auto size = GENERATE(std::size_t{0}, std::size_t{1}, std::size_t{0x10000});
    CAPTURE(size);
    int asked = 0;
    world.insert([&](ByteView) { return ++asked == 1 ? Bytes(size) : kOk; });
    const auto card = *world.reader->connect();
    CHECK(card->transmit(kCommand).error() == Reason::card_mute);
    CHECK(card->transmit(kCommand) == kOk);
}

TEST_CASE("the longest answer that the virtual reader carries comes through") {
    World world;
    const auto longest = concat({Bytes(0xFFFF - kOk.size(), 0x5A), kOk});
    world.insert([&](ByteView) { return longest; });
    CHECK((*world.reader->connect())->transmit(kCommand) == longest);
}

TEST_CASE("a card exchanged quickly is removed and inserted, and the old connection is over") {
    World world;
    world.insert();
    const auto old = *world.reader->connect();
    world.slot.remove();
    world.slot.insert(std::make_shared<ScriptedCard>());
    CHECK(nextEvent(*world.reader).kind == Kind::removed);
    CHECK(nextEvent(*world.reader).kind == Kind::inserted);
    CHECK(old->transmit(kCommand).error() == Reason::card_gone);
    CHECK((*world.reader->connect())->transmit(kCommand) == kOk);
}

TEST_CASE("two readers work at once and their events do not mix") {
    World world;
    const auto second = world.pcsc->reader("Virtual PCD 00 01", hal::SlotKind::sam);
    sim::VpcdSlot secondSlot(sim::VpcdSlot::firstPort + 1);
    const Bytes samAtr{0x3B, 0x00};
    world.insert();
    secondSlot.insert(std::make_shared<ScriptedCard>([](ByteView) { return Bytes{0x61, 0x08}; }, samAtr));
    const auto inserted = nextEvent(*second);
    CHECK(inserted.kind == Kind::inserted);
    CHECK(inserted.atr == samAtr);
    const auto exchange = [](hal::CardReader& reader, const Bytes& expected) {
        const auto card = *reader.connect();
        int right = 0;
        for (int i = 0; i < 200; ++i)
            right += card->transmit(kCommand) == expected ? 1 : 0;
        return right;
    };
    auto sam = std::async(std::launch::async, [&] { return exchange(*second, Bytes{0x61, 0x08}); });
    CHECK(exchange(*world.reader, kOk) == 200);
    CHECK(sam.get() == 200);
    secondSlot.remove();
    CHECK(nextEvent(*second).kind == Kind::removed);
    CHECK_FALSE(world.reader->nextEvent({}, Milliseconds{0})->has_value());
}

TEST_CASE("one connection holds the card, the other is told that the reader is busy") {
    World world;
    world.insert();
    const auto mine = *world.reader->connect();
    const auto other = *world.reader->connect();
    REQUIRE(mine->beginExclusive());
    CHECK(mine->transmit(kCommand) == kOk);
    const auto begin = world.clock.now().monotonic;
    CHECK(other->beginExclusive().error() == Reason::reader_busy);
    CHECK(since(begin, world.clock) < 10s);
    CHECK_FALSE(other->transmit(kCommand));
    CHECK(mine->transmit(kCommand) == kOk);
    mine->endExclusive();
    const auto next = *world.reader->connect();
    CHECK(next->beginExclusive());
    next->endExclusive();
    CHECK(mine->beginExclusive());
}

TEST_CASE("each reader object has events of its own") {
    World world;
    world.insert();
    const auto late = world.pcsc->reader("PCD 00 00", hal::SlotKind::contact);
    CHECK(nextEvent(*late).kind == Kind::inserted);
}

TEST_CASE("a consumer of events connects to the card it was told of, or to none") {
    World world;
    const auto observer = world.pcsc->reader("Virtual PCD 00 00");
    for (const auto kind : {Kind::inserted, Kind::removed, Kind::inserted}) { // it bounces
        kind == Kind::removed ? world.slot.remove() : world.slot.insert(std::make_shared<ScriptedCard>());
        REQUIRE(nextEvent(*observer).kind == kind);
    }
    CHECK(nextEvent(*world.reader).kind == Kind::inserted);
    CHECK(world.reader->connect().error() == Reason::card_gone);
    CHECK(nextEvent(*world.reader).kind == Kind::removed);
    CHECK(nextEvent(*world.reader).kind == Kind::inserted);
    CHECK((*world.reader->connect())->transmit(kCommand) == kOk);
    CHECK_FALSE(world.reader->nextEvent({}, Milliseconds{0})->has_value());

    world.slot.remove();
    REQUIRE(nextEvent(*observer).kind == Kind::removed);
    world.slot.insert(std::make_shared<ScriptedCard>());
    REQUIRE(nextEvent(*observer).kind == Kind::inserted);
    const auto incurious = world.pcsc->reader("Virtual PCD 00 00"); // never asks for events
    CHECK((*incurious->connect())->transmit(kCommand) == kOk);
}

TEST_CASE("a reader whose name does not tell its kind is what its card is") {
    World world;
    const auto reader = world.pcsc->reader("Virtual PCD 00 00");
    const auto set = world.pcsc->reader("Virtual PCD 00 00", hal::SlotKind::sam);
    CHECK(reader->info().kind == hal::SlotKind::contact);
    world.insert();
    REQUIRE(nextEvent(*reader).kind == Kind::inserted);
    CHECK(reader->info().kind == hal::SlotKind::contactless);
    CHECK((*reader->connect())->transmit(kCommand) == kOk);
    CHECK(reader->info().kind == hal::SlotKind::contactless);
    CHECK(set->info().kind == hal::SlotKind::sam);
}

TEST_CASE("an exchange with a virtual card takes well below the 44 ms of a delayed acknowledgement") {
    World world;
    world.insert();
    const auto card = *world.reader->connect();
    REQUIRE(card->transmit(kCommand) == kOk);
    constexpr int kExchanges = 100;
    const auto begin = world.clock.now().monotonic;
    for (int i = 0; i < kExchanges; ++i)
        REQUIRE(card->transmit(kCommand) == kOk);
    const auto took = since(begin, world.clock);
    CAPTURE(took.count());
    CHECK(took < kExchanges * 20ms);
}
