// One card reader in front of holders: each card that is presented goes the whole way, then the next.
#pragma once

#include "apdu/social_security/card.h"
#include "firmware/terminal/sam_slot.h"
#include "firmware/terminal/terminal.h"

namespace ykt::firmware::terminal {

class CardLane {
  public:
    // `sam` null: the terminal has none, so cards are only read. `pseudonymKey` outlives the lane.
    CardLane(std::string name, std::shared_ptr<hal::CardReader> reader, SamSlot* sam,
             const Secret& pseudonymKey, Terminal& terminal)
        : name_(std::move(name)), reader_(std::move(reader)), sam_(sam), pseudonymKey_(pseudonymKey),
          terminal_(terminal) {}

    void run(const std::stop_token& stop); // until stopped

  private:
    void handle(const hal::CardEvent& event);
    void idle();
    void report(std::optional<Reason> trouble);
    Result<identity::VerifiedIdentity> readIdentity();
    Result<apdu::social_security::CardEvidence> readEvidence();

    std::string name_;
    std::shared_ptr<hal::CardReader> reader_;
    SamSlot* sam_;
    const Secret& pseudonymKey_;
    Terminal& terminal_;
    bool occupied_ = false;      // a card lies in the reader
    bool readerTrouble_ = false; // the reader or its service is gone
};

} // namespace ykt::firmware::terminal
