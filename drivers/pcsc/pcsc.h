// Readers of PC/SC (pcscd). winscard.h stays behind this header.
#pragma once

#include "drivers/pcsc/limits.h"
#include "hal/card_reader.h"
#include "hal/clock.h"

#include <optional>
#include <vector>

namespace ykt::drivers {

namespace pcsc {
class Monitor;
class Watchdog;
} // namespace pcsc

// One for the program, with two threads: one watches all readers and survives restarts of pcscd, one ends
// what outlasts its limit. They stop once it, all its readers and all their connections are destroyed, within
// a second (within Limits::exchange if pcscd hangs). Any thread may call.
class Pcsc {
  public:
    // pcscd need not run yet. `clock` stamps events from the monitor's thread and must outlive all readers
    // and connections.
    static std::shared_ptr<Pcsc> start(const hal::Clock& clock, const pcsc::Limits& limits = {});

    // The first reader whose PC/SC name contains `namePart` ("ACR122", "Virtual PCD 00 01"). It may be absent
    // (an event reader_gone) and appear later (reader_back). `kind` none: as the reader's name tells, else
    // its driver, else the card last seen in it; contact until one of them does. Each CardReader has its own
    // queue of at most 64 events, the oldest dropped first. When reader_gone or service_gone comes, a card
    // that was there is gone too, without a `removed` of its own. A connection whose card was reset by
    // another program is card_gone. A consumer of events that has been told of a card connects to that card
    // or to none: card_gone where the news of its end waits in the queue, whatever lies there now.
    // A call that has no answer within its limit is reader_silent, and its connection is over; whether the
    // reader has recovered is found out by the next connect.
    std::shared_ptr<hal::CardReader> reader(std::string namePart,
                                            std::optional<hal::SlotKind> kind = std::nullopt);

    // The PC/SC names of all readers, for people who write settings.
    [[nodiscard]] std::vector<std::string> readerNames() const;

  private:
    Pcsc(std::shared_ptr<pcsc::Watchdog> watchdog, std::shared_ptr<pcsc::Monitor> monitor,
         const pcsc::Limits& limits)
        : watchdog_(std::move(watchdog)), monitor_(std::move(monitor)), limits_(limits) {}

    std::shared_ptr<pcsc::Watchdog> watchdog_;
    std::shared_ptr<pcsc::Monitor> monitor_;
    pcsc::Limits limits_;
};

} // namespace ykt::drivers
