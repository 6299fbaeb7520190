// The issuer of the simulated world: its master keys, the cards it personalises, the PSAM it gives terminals,
// and its HSM. All people are invented. The keys are made at start and exist nowhere else.
#pragma once

#include "apdu/social_security/proofs.h"
#include "sim/cards/card_spec.h"
#include "sim/cards/virtual_purse.h"
#include "sim/cards/virtual_sam.h"

#include <memory>
#include <string>

namespace ykt::sim {

struct IssuerKeys;

// A social security number with a valid check character (GB 11643, ISO 7064 MOD 11-2) in the area 649999,
// which GB/T 2260 gives to nobody, so that no living person can have it. `sequence` 0..999.
std::string simulatedNumber(std::chrono::year_month_day born, unsigned sequence);

// A purchase as it comes to the back office, with the transaction code that a card is said to have made.
struct PurchaseClaim {
    ByteArray<8> issuer{};
    ByteArray<8> serial{}; // short: the last eight bytes of the application's serial number
    std::uint32_t amountFen = 0;
    std::uint8_t type = 0; // 06 simple, 09 composite
    ByteArray<6> terminal{};
    ByteArray<4> terminalSequence{};
    ByteArray<7> time{}; // YYYYMMDDhhmmss, BCD
    ByteArray<4> tac{};
};

class CardIssuer {
  public:
    // Fresh random master keys: IRK and RKSSSE, each for triple DES and SM4, and those of purses. Errors:
    // crypto_failed.
    static Result<CardIssuer> create();

    // A new card with a serial number of its own. A card of algorithm ssf33 holds no keys, because that
    // algorithm is not published; its purse has them. Errors: input_malformed (a field of the spec that a
    // card cannot hold), crypto_failed.
    Result<std::shared_ptr<CardSoftware>> personalise(const CardSpec& spec);

    // A PSAM with this issuer's master keys and a terminal number of its own. It answers whole, without 61xx.
    // Errors: crypto_failed.
    Result<std::shared_ptr<CardSoftware>> makeSam(SamLock lock = SamLock::none);

    // What the card of the request answers if it is one of this issuer's: the HSM. Any thread may call it.
    // Errors: input_malformed (no city code), crypto_failed.
    [[nodiscard]] Result<apdu::social_security::Proofs>
    prove(const apdu::social_security::ProofRequest& request) const;

    // Whether the card made that code for that purchase. Any thread may call it. Errors: crypto_failed.
    [[nodiscard]] Result<bool> tacIsRight(const PurchaseClaim& claim) const;

  private:
    explicit CardIssuer(std::shared_ptr<const IssuerKeys> keys) : keys_(std::move(keys)) {}

    std::shared_ptr<const IssuerKeys> keys_;
    std::uint32_t cards_ = 0;
    std::uint32_t sams_ = 0;
};

// The purse of a card that CardIssuer made, for tests and the back office; null: it has none.
std::shared_ptr<const VirtualPurse> purseOf(const CardSoftware& card);

} // namespace ykt::sim
