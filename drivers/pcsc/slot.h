// One reader as the terminal addresses it: by a part of its name, wherever it is plugged in.
#pragma once

#include "drivers/event_queue.h"
#include "drivers/pcsc/fold.h"

#include <vector>

namespace ykt::drivers::pcsc {

// A reader as pcscd reports it.
struct ReaderSight {
    std::string name;
    bool usable = true; // false: pcscd has it listed, but it does not answer
    bool card = false;
    std::uint16_t events = 0; // cards inserted or removed since pcscd knows this reader, modulo 65536
    Bytes atr;                // empty: no card, or a mute one
};

// All that pcscd reports at one moment.
struct Sight {
    bool service = false;
    std::vector<ReaderSight> readers;
};

// What a slot believes. It begins by believing that all is well and that there is no card.
struct SlotState {
    bool service = true;
    bool reader = true;
    std::string name; // of the reader that was found last
    bool card = false;
    std::uint16_t events = 0;
    Bytes atr;
};

// What happened between two beliefs, in order. A card that is there when its reader or pcscd goes is gone
// without a `removed` of its own; when they come back it is `inserted` again.
std::vector<hal::CardEvent::Kind> changes(const SlotState& before, const SlotState& after);

// Any thread may call.
class Slot {
  public:
    explicit Slot(std::string namePart) : namePart_(std::move(namePart)) {}

    // The monitor tells what it sees. Changes become events.
    void observe(const Sight& sight, MonotonicTime seen);

    [[nodiscard]] SlotState state() const;
    [[nodiscard]] std::string name() const; // of the reader, or the part of a name while it was never seen

    // As the reader's name tells, else its driver, else the last card's ATR; contact until one of them does.
    [[nodiscard]] hal::SlotKind kind() const;
    // Whether the name does not tell, and the driver was not asked yet.
    [[nodiscard]] bool asksForKind() const;
    void learnKind(std::optional<hal::SlotKind> byDriver);

    EventQueue& events() { return queue_; }

    // Whether the queue still holds the news that the card, the reader or pcscd went away.
    [[nodiscard]] bool lossUntold() const;

    // How often a card, the reader or pcscd went away. Taken before an exchange, it tells settle() what is
    // news.
    [[nodiscard]] std::uint64_t losses() const;

    // Why an exchange failed: asks the code, and where the code does not tell, waits up to 800 ms for
    // something to happen to the slot since `lossesBefore`.
    Reason settle(Folding folding, std::uint64_t lossesBefore) const;

  private:
    [[nodiscard]] SlotState stateAfter(const Sight& sight) const;
    void rememberKind(const SlotState& next);

    const std::string namePart_;
    EventQueue queue_;
    mutable std::mutex mutex_;
    mutable std::condition_variable lost_;
    SlotState state_;
    std::uint64_t losses_ = 0;
    bool driverAsked_ = false; // for the kind; this and the next two are of the reader that state_ names
    std::optional<hal::SlotKind> kindByDriver_;
    std::optional<hal::SlotKind> kindByCard_;
};

} // namespace ykt::drivers::pcsc
