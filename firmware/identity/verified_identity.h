// What every medium ends in: one kind of verified identity (regulation, article 2: all media have the same
// effect).
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "firmware/identity/online_answer.h"

#include <optional>
#include <string>

namespace ykt::firmware::identity {

enum class Medium {
    social_security_card,
    transit_purse,
    electronic_card_code,
    fusion_code,
    transit_code,
    legacy_card,
};
std::string_view nameOf(Medium medium);
std::optional<Medium> mediumFromName(std::string_view name);

// How the identity was proved, weakest first.
enum class Assurance {
    presented,              // shown, nothing checked
    read,                   // well formed, but a copy would look the same
    authenticated,          // proved by the issuer's keys
    authenticated_with_pin, // and the holder knew the PIN
};
std::string_view nameOf(Assurance assurance);
std::optional<Assurance> assuranceFromName(std::string_view name);

// Tag 02 of the card: '1' pre-school, '2' student, '3' adult, '4' senior.
enum class HolderClass { unknown, preschool, student, adult, senior };
std::string_view nameOf(HolderClass holderClass);
std::optional<HolderClass> holderClassFromName(std::string_view name);
HolderClass holderClassFromTag(char tag); // any other character: unknown

// A pseudonym: the same holder gives the same value at every terminal that has the same pseudonym key, and
// without that key it tells nothing. A card and a fusion code of one holder have one pseudonym; a transit
// code tells only its account and has that account's.
using SubjectId = ByteArray<16>;

// A code that may be accepted once.
struct SingleUse {
    ByteArray<32> key{}; // digest of the payload; of an emergency code, of its authorisation
    WallTime until{};    // when the code is past its validity anyway
};

// What a deferred record carries upstream of a code that only an online verifier could prove.
struct UnverifiedCode {
    PersonalData<std::string> token; // ASCII, printable
    // That was put to the verifier and not answered in time; none: nobody was asked.
    std::optional<QuestionId> question;
};

struct VerifiedIdentity {
    Medium medium = Medium::legacy_card;
    Assurance assurance = Assurance::presented;
    SubjectId subject{};
    // What revocation lists name, with the medium's name: a card's identifier (32 hexadecimal digits), a
    // fusion code's holder reference, or its sealed one where the service does not open it (32), a transit
    // code's card account or a purse's serial (20 digits), a legacy card's digest (32), an electronic card's
    // number as the online verifier tells it.
    PersonalData<std::string> mediumId;
    std::string region; // of issue, six digits of GB/T 2260; empty if the medium does not tell
    HolderClass holderClass = HolderClass::unknown;
    std::optional<WallTime> validFrom;
    std::optional<WallTime> validUntil;            // the first moment that is too late
    std::optional<PersonalData<std::string>> name; // UTF-8
    std::optional<PersonalData<std::string>> socialSecurityNumber;
    std::optional<std::uint32_t> tripLimitFen; // of a transit code
    std::optional<SingleUse> singleUse;        // of a code
    bool emergency = false;                    // a fusion code of the emergency form
    std::optional<UnverifiedCode> unverified;  // of a code that nobody has verified yet
};

// Errors: medium_expired (over or not begun).
Result<void> checkValidity(const VerifiedIdentity& identity, WallTime now);

} // namespace ykt::firmware::identity
