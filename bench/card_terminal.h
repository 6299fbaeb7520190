// The terminal's card lane as yktd has it, on readers of PC/SC.
#pragma once

#include "bench/card_readers.h"
#include "bench/terminal_world.h"
#include "drivers/pcsc/pcsc.h"
#include "firmware/terminal/card_lane.h"

#include <thread>

namespace ykt::bench {

class CardTerminal {
  public:
    CardTerminal(drivers::Pcsc& pcsc, firmware::config::CardSettings cards,
                 firmware::config::RideSettings ride, const hal::Clock& clock)
        : clock_(clock), cards_(std::move(cards)), ride_(ride),
          reader_(std::make_shared<PresentingReader>(pcsc.reader("Virtual PCD 00 00"), Party::card, ledger_,
                                                     clock)),
          samSlot_(std::make_shared<PresentingReader>(pcsc.reader("Virtual PCD 00 01"), Party::sam, ledger_,
                                                      clock),
                   {}) {}

    // What came of the card that lies in the reader.
    firmware::terminal::Outcome present() {
        return world_.outcomeOf([this] { reader_->present(); });
    }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; } // of the last presentation

  private:
    const hal::Clock& clock_;
    firmware::config::CardSettings cards_;
    firmware::config::RideSettings ride_;
    Ledger ledger_;
    std::shared_ptr<PresentingReader> reader_;
    firmware::terminal::SamSlot samSlot_;
    TerminalWorld world_{clock_};
    firmware::terminal::TornDebits torn_{world_.store(), clock_, cards_.recoveryWindow, [] {}};
    firmware::terminal::CardLane lane_{
        "card",
        reader_,
        std::make_shared<firmware::terminal::Field>(),
        {world_.terminal(), torn_, world_.pseudonymKey(), cards_, ride_, &samSlot_}};
    std::jthread thread_{[this](const std::stop_token& stop) { lane_.run(stop); }}; // last
};

} // namespace ykt::bench
