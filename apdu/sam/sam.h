// The PSAM: the module of the card issuer in the terminal that holds the issuer's master keys and never gives
// them out (LD/T 32 part 9). It works out what a genuine card of a given city and serial number must answer.
#pragma once

#include "apdu/channel.h"
#include "crypto/block_cipher.h"

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

// What a proof is made from, as LD/T 32 parts 4 and 9 have it.
struct ProofInput {
    crypto::BlockCipher cipher = crypto::BlockCipher::sm4;
    ByteArray<8> cityFactor{};    // L2: six ASCII digits ‖ 73 78
    ByteArray<8> cardFactor{};    // L3: ATR historical bytes T6..TD
    ByteArray<8> processFactor{}; // makes the session key
    ByteArray<8> original{};      // what is enciphered with it
};

using Proof = ByteArray<8>;

// One owner, one lock: safe to share between lanes. Errors of the SAM never look like the card's: a SAM that
// is gone, mute or behind a failed reader is sam_missing, one that says no is sam_refused or sam_locked.
class Sam {
  public:
    // Selects the PSAM's application (AID D15600000590) and reads the terminal number (file 0016).
    // Errors: sam_missing, sam_refused, sam_locked.
    static Result<std::unique_ptr<Sam>> open(std::unique_ptr<hal::CardConnection> connection,
                                             SamKeyReferences references = {});

    // Twelve digits.
    [[nodiscard]] const std::string& terminalNumber() const { return terminalNumber_; }

    // The eight bytes that a genuine card answers to INTERNAL AUTHENTICATE. Two exchanges. Errors: as open.
    Result<Proof> cardProof(const ProofInput& input);
    // The eight bytes that let this terminal in at EXTERNAL AUTHENTICATE. Two exchanges. Errors: as open.
    Result<Proof> terminalProof(const ProofInput& input);

    [[nodiscard]] std::size_t exchanges() const; // raw APDUs sent to the SAM, for budgets

  private:
    friend class SamSession;

    Sam(std::unique_ptr<hal::CardConnection> connection, SamKeyReferences references)
        : connection_(std::move(connection)), channel_(*connection_), references_(references) {}

    Result<void> start();
    Result<Proof> prove(KeyReference key, const ProofInput& input);

    std::unique_ptr<hal::CardConnection> connection_;
    Channel channel_;
    SamKeyReferences references_;
    std::string terminalNumber_;
    mutable std::mutex mutex_;
};

} // namespace ykt::apdu::sam
