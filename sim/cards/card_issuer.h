// The issuer of the simulated world: its master keys, the cards it personalises, and the PSAM it gives
// terminals. All people are invented. The keys are made at start and exist nowhere else.
#pragma once

#include "apdu/social_security/card.h"
#include "sim/cards/card_software.h"

#include <chrono>
#include <memory>
#include <string>

namespace ykt::sim {

struct CardSpec {
    apdu::social_security::Version version = apdu::social_security::Version::v3_0;
    apdu::social_security::Algorithm algorithm = apdu::social_security::Algorithm::sm4;
    std::string cityCode = "640100";      // issuing city, six digits of GB/T 2260
    std::string cardNumber8 = "A1000001"; // C1..C8, digits and capitals; the check character is computed
    char cardClass = '3';                 // '1' pre-school, '2' student, '3' adult, '4' senior
    std::chrono::year_month_day issued{std::chrono::year{2024}, std::chrono::month{3}, std::chrono::day{1}};
    std::chrono::year_month_day expires{std::chrono::year{2034}, std::chrono::month{2}, std::chrono::day{28}};
    std::string socialSecurityNumber; // 18 characters; simulatedNumber() makes one
    std::string name;           // UTF-8; on the card GB18030, 30 bytes in tag 09 and 20 more in tag 4E (2.0+)
    std::string pin = "123456"; // 4..12 digits
    CardInterface interface = CardInterface::contact;
    bool forged = false; // all data right, but keys that are not derived from the issuer's
};

// A social security number with a valid check character (GB 11643, ISO 7064 MOD 11-2) in the area 649999,
// which GB/T 2260 gives to nobody, so that no living person can have it. `sequence` 0..999.
std::string simulatedNumber(std::chrono::year_month_day born, unsigned sequence);

class CardIssuer {
  public:
    // Fresh random master keys: IRK and RKSSSE, each for triple DES and SM4. Errors: crypto_failed.
    static Result<CardIssuer> create();

    // A new card with a serial number of its own. A card of algorithm ssf33 holds no keys, because that
    // algorithm is not published. Errors: input_malformed (a field of the spec that a card cannot hold),
    // crypto_failed.
    Result<std::shared_ptr<CardSoftware>> personalise(const CardSpec& spec);

    // A PSAM with this issuer's master keys and a terminal number of its own. It answers whole, without 61xx.
    // Errors: crypto_failed.
    Result<std::shared_ptr<CardSoftware>> makeSam();

  private:
    struct Keys;
    explicit CardIssuer(std::shared_ptr<const Keys> keys) : keys_(std::move(keys)) {}

    std::shared_ptr<const Keys> keys_;
    std::uint32_t cards_ = 0;
    std::uint32_t sams_ = 0;
};

} // namespace ykt::sim
