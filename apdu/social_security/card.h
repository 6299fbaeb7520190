// The social security application (SSSE) of a card: LD/T 32 and its regional specifications.
#pragma once

#include "apdu/channel.h"
#include "apdu/social_security/proofs.h"
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
    bool cardAuthenticated = false;     // INTERNAL AUTHENTICATE checked through the proof source
    bool terminalAuthenticated = false; // EXTERNAL AUTHENTICATE with RKSSSE accepted
    std::optional<HolderData> holder;   // none: the card is 3.x and nobody was there to prove the terminal
};

struct SocialSecuritySettings {
    bool sm4 =
        true; // accept SM4 cards: that they follow the rule of 16-byte ciphers is inferred (docs/cards.md)
};

class SocialSecurityCard {
  public:
    // `source` null: EF05, and EF06 where it is free, nothing authenticated.
    SocialSecurityCard(Channel& channel, ProofSource* source, SocialSecuritySettings settings = {})
        : channel_(channel), source_(source), settings_(settings) {}

    // SELECT, EF05, INTERNAL AUTHENTICATE with the terminal's own random challenge, on 3.x EXTERNAL
    // AUTHENTICATE, EF06 by tag; the source is asked once. Errors: application_missing, card_not_genuine,
    // terminal_refused_by_card, algorithm_unpublished (SSF33), algorithm_unknown, algorithm_switched_off,
    // card_data_malformed, and those of ProofSource and Channel.
    Result<CardEvidence> read();

    // The holder's PIN, 4 to 12 digits, sent once and never again by itself. Selects the application anew:
    // other programs may have used the card while the holder typed. Errors: pin_wrong, pin_blocked (also when
    // this try used up the last one), input_malformed, application_missing, and those of Channel.
    Result<void> verifyPin(const Secret& digits);
    // Gives the card another PIN, both of 4 to 12 digits. Errors: as verifyPin, of the present one.
    Result<void> changePin(const Secret& present, const Secret& next);
    // Tries left before the PIN blocks; 0: it is blocked. Selects as verifyPin does. Errors:
    // application_missing, status_unexpected, and those of Channel.
    Result<int> pinTriesLeft();

  private:
    Result<void> sendPin(Command command);

    Channel& channel_;
    ProofSource* source_;
    SocialSecuritySettings settings_;
};

} // namespace ykt::apdu::social_security
