// The readers of scripts/with-pcscd, the real driver on them, and a card that answers what it is told to.
#pragma once

#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"

#include <atomic>
#include <cstdlib>
#include <functional>
#include <stdexcept>

namespace testing {

using namespace ykt;

// vpcd is asked for cards every 400 ms; the rest is room for a busy machine.
constexpr Milliseconds kEventLimit{5000};

const Bytes kAtr{0x3B, 0x80, 0x80, 0x01, 0x01}; // T=0 and T=1
const Bytes kCommand{0x00, 0x84, 0x00, 0x00, 0x08};
const Bytes kOk{0x90, 0x00};

class ScriptedCard : public sim::CardSoftware {
  public:
    using Answer = std::function<std::optional<Bytes>(ByteView)>;
    explicit ScriptedCard(
        Answer answer = [](ByteView) { return kOk; }, Bytes atr = kAtr)
        : answer_(std::move(answer)), atr_(std::move(atr)) {}

    [[nodiscard]] Bytes atr() const override { return atr_; }
    std::optional<Bytes> answer(ByteView command) override {
        ++commands;
        return answer_(command);
    }
    void reset() override { ++resets; }

    std::atomic<int> commands = 0;
    std::atomic<int> resets = 0;

  private:
    Answer answer_;
    Bytes atr_;
};

// Runs functions of scripts/lib/pcscd.sh.
inline void pcscd(const std::string& functions) {
    if (std::system(("bash -c '. \"$YKT_PCSCD_LIB\" && " + functions + "'").c_str()) != 0)
        throw std::runtime_error(functions + " failed");
}

// The kind of the next event, which must come in time.
inline hal::CardEvent nextEvent(hal::CardReader& reader) {
    const auto event = reader.nextEvent({}, kEventLimit);
    if (!event || !event->has_value())
        throw std::runtime_error("no event in time");
    return **event;
}

using Kind = hal::CardEvent::Kind;

struct World {
    explicit World(drivers::pcsc::Limits limits = {}) : pcsc(drivers::Pcsc::start(clock, limits)) {}

    drivers::SystemClock clock;
    std::shared_ptr<drivers::Pcsc> pcsc;
    std::shared_ptr<hal::CardReader> reader = pcsc->reader("Virtual PCD 00 00", hal::SlotKind::contact);
    sim::VpcdSlot slot;

    std::shared_ptr<ScriptedCard> insert(ScriptedCard::Answer answer = [](ByteView) { return kOk; }) {
        auto card = std::make_shared<ScriptedCard>(std::move(answer));
        slot.insert(card);
        if (nextEvent(*reader).kind != Kind::inserted)
            throw std::runtime_error("not inserted");
        return card;
    }
    // Takes the card out and waits until pcscd has seen it, so that the next test finds an empty reader.
    ~World() {
        slot.remove();
        const auto observer = pcsc->reader("Virtual PCD 00 00", hal::SlotKind::contact);
        for (int events = 0; events < 4; ++events)
            if (const auto event = observer->nextEvent({}, Milliseconds{0});
                !event || !*event || (*event)->kind != Kind::inserted)
                return;
            else if (nextEvent(*observer).kind == Kind::removed)
                return;
    }
};

} // namespace testing
