// A reader without hardware: a test or a demo puts cards in and takes them out.
#pragma once

#include "hal/card_reader.h"
#include "hal/clock.h"

#include <functional>

namespace ykt::drivers {

// Any thread may call; cards may be taken out while a connection waits for their answer. The answers of one
// card are asked for one at a time. A command or a reset ends in card_gone once its card was taken out, even
// when the card had already acted: nobody heard it.
class SimulatedReader : public hal::CardReader {
  public:
    using Answer = std::function<std::optional<Bytes>(ByteView command)>; // nullopt: the card stays mute
    using Reset = std::function<void()>;

    // `clock` stamps events when a card comes or goes, and must outlive the reader.
    SimulatedReader(hal::ReaderInfo info, const hal::Clock& clock);
    ~SimulatedReader() override;

    // Takes out what is there and puts a card in. `reset` is called at power-up (connect) and warm reset.
    void insert(
        Bytes atr, Answer answer, Reset reset = [] {});
    void remove();

    [[nodiscard]] hal::ReaderInfo info() const override { return info_; }
    Result<std::optional<hal::CardEvent>> nextEvent(std::stop_token stop, Milliseconds timeout) override;

    // Errors: card_gone. The card is powered up by the first connection after its insertion.
    Result<std::unique_ptr<hal::CardConnection>> connect() override;

  private:
    struct Slot;

    hal::ReaderInfo info_;
    std::shared_ptr<Slot> slot_; // connections may outlive the reader
};

} // namespace ykt::drivers
