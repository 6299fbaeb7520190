// One card reader in front of holders: each card that is presented goes the whole way, then the next.
#pragma once

#include "apdu/social_security/card.h"
#include "firmware/config/settings.h"
#include "firmware/terminal/debounce.h"
#include "firmware/terminal/field.h"
#include "firmware/terminal/purse_payment.h"
#include "firmware/terminal/sam_slot.h"
#include "firmware/terminal/terminal.h"

namespace ykt::firmware::terminal {

// What a card lane works with. All outlive the lane.
struct CardLaneParts {
    Terminal& terminal;
    TornDebits& tornDebits;
    const Secret& pseudonymKey;
    const config::CardSettings& cards;
    const config::RideSettings& ride;
    SamSlot* sam = nullptr;                            // null: the terminal has none
    apdu::social_security::ProofSource* hsm = nullptr; // null: no remote step; used where no SAM answers
};

class CardLane {
  public:
    // `field`: of all readers that one antenna serves.
    CardLane(std::string name, std::shared_ptr<hal::CardReader> reader, std::shared_ptr<Field> field,
             const CardLaneParts& parts)
        : name_(std::move(name)), reader_(std::move(reader)), field_(std::move(field)), parts_(parts),
          debounce_(parts.cards.debounce) {}

    void run(const std::stop_token& stop); // until stopped

  private:
    using Identity = Result<identity::VerifiedIdentity>;

    void handle(const hal::CardEvent& event, const std::stop_token& stop);
    void left();
    Reason lostBy(hal::CardEvent::Kind kind);
    void idle();
    void report(std::optional<Reason> trouble);
    Outcome conclude(const Identity& identity, const Offer& offer = {});

    void present(const std::stop_token& stop);
    // Each: false when the card does not have the application; else the presentation is concluded.
    bool presentTo(config::CardApplication application, hal::CardConnection& card,
                   const std::stop_token& stop);
    bool presentPurse(apdu::Channel& channel);
    bool presentSocialSecurity(apdu::Channel& channel, const std::stop_token& stop);
    bool presentLegacy(apdu::Channel& channel);

    bool settleTorn(apdu::transit::TransitPurse& purse, const ByteArray<32>& medium,
                    const Identity& identity);
    void ride(apdu::transit::TransitPurse& purse, const apdu::transit::PurseEvidence& evidence,
              const ByteArray<32>& medium, const identity::VerifiedIdentity& identity);
    void lockIfListed(apdu::transit::TransitPurse& purse, const apdu::transit::PurseEvidence& evidence,
                      const identity::VerifiedIdentity& identity);
    Identity withPin(apdu::social_security::SocialSecurityCard& card, identity::VerifiedIdentity identity,
                     const std::stop_token& stop);
    Result<Secret> awaitPin(const std::stop_token& stop);
    Result<std::shared_ptr<apdu::sam::Sam>> openedSam();
    Result<apdu::social_security::ProofSource*> proofs();
    [[nodiscard]] bool needsPin() const;

    std::string name_;
    std::shared_ptr<hal::CardReader> reader_;
    std::shared_ptr<Field> field_;
    CardLaneParts parts_;
    Debounce debounce_;
    Presentation presentation_;               // the one in hand
    std::shared_ptr<apdu::sam::Sam> openSam_; // for the length of a presentation
    std::optional<std::uint64_t> tornIntent_; // whose card this lane waits for
    std::optional<Reason> trouble_;           // of the reader
    bool occupied_ = false;                   // a card lies in the reader
};

} // namespace ykt::firmware::terminal
