// The social security application (SSSE) of a card: LD/T 32 and its regional specifications.
#pragma once

#include "apdu/channel.h"
#include "apdu/sam/sam.h"
#include "base/secret.h"

#include <chrono>
#include <string>

namespace ykt::apdu::social_security {

enum class Version { v1_0, v2_0, v3_0 };         // first three characters of tag 03; empty means 1.0
enum class Algorithm { triple_des, ssf33, sm4 }; // FCI 9F0C/86; absent: by the city code

// EF05, free to read.
struct IssuerData {
    Bytes cardIdentifier;          // tag 01, 16 bytes; its first three are the issuing city, BCD
    std::string cityCode;          // six digits of GB/T 2260
    std::optional<char> cardClass; // tag 02: '1' pre-school, '2' student, '3' adult, '4' senior
    Version version = Version::v1_0;
    std::optional<std::chrono::year_month_day> issued;  // tag 05
    std::optional<std::chrono::year_month_day> expires; // tag 06; the last day of validity
    std::string cardNumber;                             // tag 07, nine characters, check character verified
};

// EF06; on 3.x only after external authentication.
struct HolderData {
    PersonalData<std::string> socialSecurityNumber; // tag 08, 18 characters
    PersonalData<std::string> name;                 // tags 09 and 4E, UTF-8
};

// What one pass over a card established.
struct CardEvidence {
    Bytes atr;
    Algorithm algorithm = Algorithm::triple_des;
    IssuerData issuer;
    bool cardAuthenticated = false;     // INTERNAL AUTHENTICATE checked through the SAM
    bool terminalAuthenticated = false; // EXTERNAL AUTHENTICATE with RKSSSE accepted
    std::optional<HolderData> holder;   // none: the card is 3.x and no SAM was there to be let in
};

class SocialSecurityCard {
  public:
    // `sam` null: EF05, and EF06 where it is free, nothing authenticated.
    SocialSecurityCard(Channel& channel, sam::Sam* sam) : channel_(channel), sam_(sam) {}

    // SELECT, EF05, INTERNAL AUTHENTICATE with the terminal's own random challenge, on 3.x EXTERNAL
    // AUTHENTICATE, EF06 by tag. Errors: application_missing, card_not_genuine, terminal_refused_by_card,
    // algorithm_unpublished (SSF33), card_data_malformed, sam_*, and those of Channel.
    Result<CardEvidence> read();

    // The holder's PIN, 4 to 12 digits, sent once; the application stays selected from read(). Errors:
    // pin_wrong, authentication_blocked (also when this try used up the last one), input_malformed, and those
    // of Channel.
    Result<void> verifyPin(const Secret& digits);
    // Tries left before the PIN blocks; 0: it is blocked. Errors: status_unexpected, and those of Channel.
    Result<int> pinTriesLeft();

  private:
    Channel& channel_;
    sam::Sam* sam_;
};

} // namespace ykt::apdu::social_security
