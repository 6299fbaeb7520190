// The PSAM: the module of the card issuer in the terminal that holds the issuer's master keys and never gives
// them out (LD/T 32 part 9). It works out what a genuine card of a given city and serial number must answer.
#pragma once

#include "apdu/channel.h"
#include "apdu/social_security/proofs.h"

#include <memory>
#include <mutex>
#include <string>

namespace ykt::apdu::sam {

struct KeyReference {
    std::uint8_t usage = 0;
    std::uint8_t keyId = 0;
};

// Which keys of the PSAM belong to which key of the card. The internal key's reference is known from one
// vendor's terminals only; the reading key's is published nowhere and must be set to what the PSAM's issuer
// says.
struct SamKeyReferences {
    KeyReference internalKey{0x67, 0x08}; // IRK, which proves the card
    KeyReference readingKey{0x67, 0x0A};  // RKSSSE, which proves the terminal to a 3.x card
};

// One owner, one lock: safe to share between lanes. Errors of the SAM never look like the card's: a SAM that
// is gone, mute or behind a failed reader is sam_missing, one that says no is sam_refused or sam_locked.
class Sam final : public social_security::ProofSource {
  public:
    // Selects the PSAM's application (AID D15600000590) and reads the terminal number (file 0016).
    // Errors: sam_missing, sam_refused, sam_locked.
    static Result<std::unique_ptr<Sam>> open(std::unique_ptr<hal::CardConnection> connection,
                                             SamKeyReferences references = {});

    // Twelve digits.
    [[nodiscard]] const std::string& terminalNumber() const { return terminalNumber_; }

    // Two exchanges for each proof, which no other lane interrupts. Errors: as open.
    Result<social_security::Proofs> prove(const social_security::ProofRequest& request) override;

    [[nodiscard]] std::size_t exchanges() const; // raw APDUs sent to the SAM, for budgets

  private:
    friend class SamSession;

    Sam(std::unique_ptr<hal::CardConnection> connection, SamKeyReferences references)
        : connection_(std::move(connection)), channel_(*connection_), references_(references) {}

    Result<void> start();

    std::unique_ptr<hal::CardConnection> connection_;
    Channel channel_;
    SamKeyReferences references_;
    std::string terminalNumber_;
    mutable std::mutex mutex_;
};

} // namespace ykt::apdu::sam
