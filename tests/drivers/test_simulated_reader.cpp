#include "drivers/simulated/reader.h"

#include <catch2/catch.hpp>
#include <future>
#include <thread>

using namespace ykt;
using namespace ykt::drivers;
using Kind = hal::CardEvent::Kind;

namespace {

const Bytes kAtr{0x3B, 0x80, 0x80, 0x01, 0x01};
const Bytes kCommand{0x00, 0x84, 0x00, 0x00, 0x08};
const Bytes kOk{0x90, 0x00};

struct World {
    hal::ManualClock clock{wallFromUnixSeconds(1'800'000'000)};
    SimulatedReader reader{{.name = "simulated", .kind = hal::SlotKind::contactless}, clock};

    std::optional<hal::CardEvent> next() { return *reader.nextEvent({}, Milliseconds{0}); }
};

} // namespace

TEST_CASE("a simulated card comes, answers and goes") {
    World world;
    CHECK(world.reader.info().name == "simulated");
    CHECK(world.reader.info().kind == hal::SlotKind::contactless);
    CHECK(world.reader.connect().error() == Reason::card_gone);
    CHECK_FALSE(world.next());

    int resets = 0;
    Bytes heard;
    world.reader.insert(
        kAtr,
        [&](ByteView command) {
            heard.assign(command.begin(), command.end());
            return kOk;
        },
        [&] { ++resets; });
    const auto inserted = world.next();
    REQUIRE(inserted);
    CHECK(inserted->kind == Kind::inserted);
    CHECK(inserted->atr == kAtr);

    const auto card = *world.reader.connect();
    CHECK(card->atr() == kAtr);
    CHECK(resets == 1);
    CHECK(card->transmit(kCommand) == kOk);
    CHECK(heard == kCommand);
    CHECK(card->reset());
    CHECK(resets == 2);
    CHECK(world.reader.connect());
    CHECK(resets == 2); // it was powered already

    world.reader.remove();
    CHECK(world.next()->kind == Kind::removed);
    CHECK(card->transmit(kCommand).error() == Reason::card_gone);
    CHECK(card->reset().error() == Reason::card_gone);
    CHECK(card->beginExclusive().error() == Reason::card_gone);
}

TEST_CASE("a card that does not answer is mute") {
    World world;
    world.reader.insert(kAtr, [](ByteView) { return std::nullopt; });
    CHECK((*world.reader.connect())->transmit(kCommand).error() == Reason::card_mute);
}

TEST_CASE("a card pulled while it acts is gone, though it acted") {
    World world;
    std::promise<void> acting;
    std::promise<void> pulled;
    bool acted = false;
    world.reader.insert(kAtr, [&](ByteView) {
        acted = true;
        acting.set_value();
        pulled.get_future().wait_for(std::chrono::seconds{10});
        return kOk;
    });
    const auto card = *world.reader.connect();
    std::jthread hand([&] {
        acting.get_future().wait_for(std::chrono::seconds{10});
        world.reader.remove();
        pulled.set_value();
    });
    CHECK(card->transmit(kCommand).error() == Reason::card_gone);
    CHECK(acted);
}

TEST_CASE("a connection belongs to its card, not to the next one") {
    World world;
    world.reader.insert(kAtr, [](ByteView) { return kOk; });
    const auto first = *world.reader.connect();
    world.reader.insert(kAtr, [](ByteView) { return kOk; });
    CHECK(first->transmit(kCommand).error() == Reason::card_gone);
    CHECK((*world.reader.connect())->transmit(kCommand) == kOk);
    CHECK(world.next()->kind == Kind::inserted);
    CHECK(world.next()->kind == Kind::removed);
    CHECK(world.next()->kind == Kind::inserted);
}

TEST_CASE("one connection keeps the others out, for as long as it holds the card") {
    World world;
    world.reader.insert(kAtr, [](ByteView) { return kOk; });
    const auto mine = *world.reader.connect();
    const auto other = *world.reader.connect();
    REQUIRE(mine->beginExclusive());
    CHECK(mine->transmit(kCommand) == kOk);
    CHECK(other->beginExclusive().error() == Reason::reader_busy);
    CHECK(other->transmit(kCommand).error() == Reason::reader_busy);
    std::jthread later([&] { mine->endExclusive(); });
    CHECK(other->beginExclusive());
}

TEST_CASE("a connection may outlive its reader") {
    const hal::ManualClock clock(wallFromUnixSeconds(1'800'000'000));
    std::unique_ptr<hal::CardConnection> card;
    {
        SimulatedReader reader({.name = "short-lived"}, clock);
        reader.insert(kAtr, [](ByteView) { return kOk; });
        card = *reader.connect();
    }
    CHECK(card->transmit(kCommand) == kOk);
}
