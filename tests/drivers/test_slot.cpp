#include "drivers/pcsc/slot.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace ykt;
using namespace ykt::drivers;
using namespace ykt::drivers::pcsc;
using Kind = hal::CardEvent::Kind;
using Kinds = std::vector<Kind>;

namespace {

ReaderSight empty(std::string name, std::uint16_t events = 0) {
    return {.name = std::move(name), .events = events, .atr = {}};
}
ReaderSight withCard(std::string name, std::uint16_t events = 1) {
    return {.name = std::move(name), .card = true, .events = events, .atr = {0x3B, 0x00}};
}
Sight serving(std::vector<ReaderSight> readers) {
    return {.service = true, .readers = std::move(readers)};
}
const Sight noService{};

Kinds drain(Slot& slot) {
    Kinds kinds;
    while (const auto event = *slot.events().next({}, Milliseconds{0}))
        kinds.push_back(event->kind);
    return kinds;
}

Kinds observed(Slot& slot, const Sight& sight) {
    slot.observe(sight, MonotonicTime{});
    return drain(slot);
}

} // namespace

TEST_CASE("a slot tells insertion and removal once each") {
    Slot slot("Reader");
    CHECK(observed(slot, serving({empty("A Reader 00")})).empty());
    CHECK(observed(slot, serving({withCard("A Reader 00", 1)})) == Kinds{Kind::inserted});
    CHECK(observed(slot, serving({withCard("A Reader 00", 1)})).empty());
    CHECK(observed(slot, serving({empty("A Reader 00", 2)})) == Kinds{Kind::removed});
}

TEST_CASE("an insertion carries the ATR and the time, other events no ATR") {
    Slot slot("R");
    slot.observe(serving({withCard("R")}), MonotonicTime{std::chrono::nanoseconds{77}});
    slot.observe(serving({empty("R", 2)}), MonotonicTime{std::chrono::nanoseconds{78}});
    const auto inserted = **slot.events().next({}, Milliseconds{0});
    CHECK(inserted.atr == Bytes{0x3B, 0x00});
    CHECK(inserted.seen.time_since_epoch().count() == 77);
    CHECK((*slot.events().next({}, Milliseconds{0}))->atr.empty());
}

TEST_CASE("a card exchanged between two looks is a removal and an insertion") {
    Slot slot("R");
    CHECK(observed(slot, serving({withCard("R", 1)})) == Kinds{Kind::inserted});
    CHECK(observed(slot, serving({withCard("R", 3)})) == Kinds{Kind::removed, Kind::inserted});
    CHECK(observed(slot, serving({withCard("R", 0xFFFF)})) == Kinds{Kind::removed, Kind::inserted});
    CHECK(observed(slot, serving({withCard("R", 1)})) == Kinds{Kind::removed, Kind::inserted}); // it wraps
}

TEST_CASE("a card that came and went between two looks is nobody's card") {
    Slot slot("R");
    CHECK(observed(slot, serving({empty("R", 0)})).empty());
    CHECK(observed(slot, serving({empty("R", 2)})).empty());
}

TEST_CASE("a reader that is absent at the start and appears later, with a card in it") {
    Slot slot("R");
    CHECK(observed(slot, serving({})) == Kinds{Kind::reader_gone});
    CHECK(observed(slot, serving({empty("other")})).empty());
    CHECK(observed(slot, serving({empty("other"), withCard("R")})) ==
          Kinds{Kind::reader_back, Kind::inserted});
    CHECK(observed(slot, serving({empty("other")})) == Kinds{Kind::reader_gone});
    CHECK(observed(slot, serving({withCard("R", 0)})) == Kinds{Kind::reader_back, Kind::inserted});
}

TEST_CASE("a reader that is listed but does not answer is gone") {
    Slot slot("R");
    auto silent = empty("R");
    silent.usable = false;
    CHECK(observed(slot, serving({silent})) == Kinds{Kind::reader_gone});
}

TEST_CASE("a slot stays with its reader while another one fits the name too") {
    Slot slot("Reader");
    CHECK(observed(slot, serving({empty("Reader B")})).empty());
    CHECK(observed(slot, serving({withCard("Reader A"), empty("Reader B")})).empty());
    CHECK(slot.name() == "Reader B");
    CHECK(observed(slot, serving({withCard("Reader A")})) ==
          Kinds{Kind::reader_gone, Kind::reader_back, Kind::inserted});
    CHECK(slot.name() == "Reader A");
}

TEST_CASE("a restart of the service with a card in the reader") {
    Slot slot("R");
    CHECK(observed(slot, serving({withCard("R", 1)})) == Kinds{Kind::inserted});
    CHECK(observed(slot, noService) == Kinds{Kind::service_gone});
    CHECK(observed(slot, noService).empty());
    CHECK(observed(slot, serving({withCard("R", 1)})) == Kinds{Kind::service_back, Kind::inserted});
    CHECK(slot.losses() == 1);
}

TEST_CASE("a restart of the service after which the reader is not there") {
    Slot slot("R");
    observed(slot, serving({withCard("R", 1)}));
    CHECK(observed(slot, noService) == Kinds{Kind::service_gone});
    CHECK(observed(slot, serving({})) == Kinds{Kind::service_back, Kind::reader_gone});
    CHECK(observed(slot, noService) == Kinds{Kind::service_gone});
}

TEST_CASE("what happens to the slot decides why an exchange failed") {
    Slot slot("R");
    slot.observe(serving({withCard("R", 1)}), {});
    const auto before = slot.losses();
    const Folding ask{Reason::card_mute, true};
    SECTION("nothing: the card is mute") {
        CHECK(slot.settle(ask, before) == Reason::card_mute);
    }
    SECTION("a code that tells by itself is not asked about") {
        slot.observe(serving({}), {});
        CHECK(slot.settle({Reason::reader_busy, false}, before) == Reason::reader_busy);
    }
    SECTION("the card was taken out while it was waited for") {
        std::jthread monitor([&] { slot.observe(serving({empty("R", 2)}), {}); });
        CHECK(slot.settle(ask, before) == Reason::card_gone);
    }
    SECTION("another card is there now") {
        slot.observe(serving({withCard("R", 3)}), {});
        CHECK(slot.settle(ask, before) == Reason::card_gone);
    }
    SECTION("the reader was unplugged") {
        slot.observe(serving({}), {});
        CHECK(slot.settle(ask, before) == Reason::reader_gone);
    }
    SECTION("pcscd went") {
        slot.observe(noService, {});
        CHECK(slot.settle(ask, before) == Reason::service_gone);
    }
}

TEST_CASE("the queue of events keeps the newest and ends a wait at its stop or its deadline") {
    EventQueue queue;
    CHECK_FALSE(queue.next({}, Milliseconds{1})->has_value());
    for (std::uint8_t i = 0; i < EventQueue::capacity + 3; ++i)
        queue.push({.kind = Kind::inserted, .atr = {i}});
    CHECK((*queue.next({}, Milliseconds{0}))->atr == Bytes{3});

    EventQueue idle;
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    CHECK(idle.next(stop.get_token(), std::chrono::hours{1}).error() == Reason::cancelled);
    std::jthread pusher([&] { idle.push({.kind = Kind::removed, .atr = {}}); });
    CHECK((*idle.next({}, std::chrono::hours{1}))->kind == Kind::removed);
}
