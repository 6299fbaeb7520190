// What a simulated card is made from. All people and accounts are invented.
#pragma once

#include "apdu/social_security/card.h"
#include "sim/cards/card_software.h"

#include <chrono>
#include <optional>
#include <string>

namespace ykt::sim {

// A transit purse (JT/T 978 electronic purse).
struct PurseSpec {
    std::uint32_t balanceFen = 5000; // without the overdraft; both together under 2^31
    std::uint32_t overdraftFen = 0;  // the limit, three bytes
    std::uint16_t counter = 0;       // purchases so far
    std::uint8_t cardType = 1;       // 1 general, 2 student, 3 senior, 4 test, 5 soldier
    std::chrono::year_month_day start{std::chrono::year{2024}, std::chrono::month{3}, std::chrono::day{1}};
    std::chrono::year_month_day expires{std::chrono::year{2034}, std::chrono::month{2}, std::chrono::day{28}};
    bool interoperable = true;
    bool publicFileInFci = true;                                         // file 15 also in the FCI, 9F0C
    std::string city = "6401";                                           // four digits
    ByteArray<8> issuer{0x09, 0x99, 0x64, 0x01, 0xFF, 0xFF, 0xFF, 0xFF}; // the number of nobody
};

// A bank application that can be looked at without GPO.
struct FinancialSpec {
    std::string accountNumber = "0000001234567897"; // 12..19 digits; a bank number 000000 is nobody's
    std::chrono::year_month expires{std::chrono::year{2034}, std::chrono::month{2}};
    std::optional<std::uint64_t> electronicCashFen = 0; // up to twelve digits; none: 9F79 is not there
};

// Where the social security application is (seen both at the MF and below it: LD/T 32, docs/cards.md).
enum class SocialSecurityPlace {
    below_mf,  // a DDF under a MF without name
    at_mf,     // the MF is the application
    below_pse, // a DDF under a MF that is named as a payment system environment
    none,      // no such application: a plain transit card, if it has a purse
};

struct CardSpec {
    apdu::social_security::Version version = apdu::social_security::Version::v3_0;
    apdu::social_security::Algorithm algorithm = apdu::social_security::Algorithm::sm4;
    std::string cityCode = "640100";      // issuing city, six digits of GB/T 2260, abolished codes too
    std::string cardNumber8 = "A1000001"; // C1..C8, digits and capitals; the check character is computed
    char cardClass = '3';                 // '1' pre-school, '2' student, '3' adult, '4' senior
    std::chrono::year_month_day issued{std::chrono::year{2024}, std::chrono::month{3}, std::chrono::day{1}};
    std::chrono::year_month_day expires{std::chrono::year{2034}, std::chrono::month{2}, std::chrono::day{28}};
    std::string socialSecurityNumber; // 18 characters; simulatedNumber() makes one
    std::string name;           // UTF-8; on the card GB18030, 30 bytes in tag 09 and 20 more in tag 4E (2.0+)
    std::string pin = "123456"; // 4..12 digits
    CardInterface interface = CardInterface::contact;
    bool forged = false; // all data right, but keys that are not derived from the issuer's
    SocialSecurityPlace place = SocialSecurityPlace::below_mf;
    std::optional<PurseSpec> purse{};
    std::optional<FinancialSpec> financial{};
};

} // namespace ykt::sim
