// What the driver costs when nothing happens, and how late it is when something does.
#pragma once

#include "drivers/pcsc/pcsc.h"
#include "drivers/system/clock.h"
#include "sim/cards/vpcd_slot.h"

#include <chrono>
#include <memory>
#include <vector>

namespace ykt::bench {

// A process of its own that waits in SCardGetStatusChange and nothing else: the moments at which pcscd told
// that a card is PRESENT. Make it before there are threads.
class EventWitness {
  public:
    EventWitness();
    ~EventWitness();
    EventWitness(const EventWitness&) = delete;
    EventWitness& operator=(const EventWitness&) = delete;

    [[nodiscard]] MonotonicTime next() const; // of the next card; waits for it

  private:
    int pipe_ = -1;
    int child_ = -1;
};

// CPU of this process a second.
std::chrono::duration<double, std::micro> idleCpu(std::chrono::seconds during);

// Prints how much later than the witness a consumer of events is told.
void measureEvents(drivers::Pcsc& pcsc, const EventWitness& witness, const hal::Clock& clock);

// A connection to the card that was just put in.
std::unique_ptr<hal::CardConnection> connectSoon(hal::CardReader& reader);

// Until pcscd has noticed that the card was taken out.
void waitUntilEmpty(hal::CardReader& reader);

} // namespace ykt::bench
