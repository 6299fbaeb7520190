// Readers of PC/SC (pcscd). winscard.h stays behind this header.
#pragma once

#include "hal/card_reader.h"
#include "hal/clock.h"

#include <vector>

namespace ykt::drivers {

namespace pcsc {
class Monitor;
}

// One for the program. Watches all readers with one thread, survives restarts of pcscd, and stops its thread
// within a second once it and all its readers are destroyed. Any thread may call.
class Pcsc {
  public:
    // pcscd need not run yet. `clock` stamps events from the monitor's thread and must outlive all readers.
    static std::shared_ptr<Pcsc> start(const hal::Clock& clock);

    // The first reader whose PC/SC name contains `namePart` ("ACR122", "Virtual PCD 00 01"). It may be absent
    // (an event reader_gone) and appear later (reader_back). Each CardReader has its own queue of at most 64
    // events, the oldest dropped first. When reader_gone or service_gone comes, a card that was there is gone
    // too, without a `removed` of its own. A connection whose card was reset by another program is card_gone.
    std::shared_ptr<hal::CardReader> reader(std::string namePart, hal::SlotKind kind);

    // The PC/SC names of all readers, for people who write settings.
    [[nodiscard]] std::vector<std::string> readerNames() const;

  private:
    explicit Pcsc(std::shared_ptr<pcsc::Monitor> monitor) : monitor_(std::move(monitor)) {}

    std::shared_ptr<pcsc::Monitor> monitor_;
};

} // namespace ykt::drivers
