// The values of the card's records, checked and turned into what they mean (LD/T 32 part 6). Formats: an is
// characters, padded with 00 on the right; cn is packed digits, padded with F.
#pragma once

#include "apdu/social_security/card.h"
#include "apdu/social_security/records.h"

namespace ykt::apdu::social_security {

// An an field without its padding.
ByteView withoutPadding(ByteView field);

// By the first three characters; empty is 1.0. Errors: card_data_malformed.
Result<Version> versionFrom(ByteView field);

// cn YYYYMMDD. All F or all 0: none. Errors: card_data_malformed (not a date of the calendar).
Result<std::optional<std::chrono::year_month_day>> dateFrom(ByteView field);

// C9 of C1..C8: 11 - (sum of Ci * Wi mod 11), where 10 is X and 11 is 0; letters count 10..35.
// Errors: card_data_malformed (not eight digits and capitals).
Result<char> cardNumberCheckCharacter(std::string_view first8);

// Nine characters, the last one right. Errors: card_data_malformed.
Result<std::string> cardNumberFrom(ByteView field);

// The first three bytes of the card identifier as six digits. Errors: card_data_malformed.
Result<std::string> cityCodeFrom(ByteView cardIdentifier);

// 1..18 digits and letters. Neither length nor check digit are judged here: holders from abroad, Hong Kong,
// Macao and Taiwan have numbers of other forms. Errors: card_data_malformed.
Result<PersonalData<std::string>> socialSecurityNumberFrom(ByteView field);

// Tag 09, followed by tag 4E where there is one. Errors: card_data_malformed, wire_failed (textFromCard).
Result<PersonalData<std::string>> nameFrom(ByteView name, ByteView continued);

// Whether tag 4E may hold more: tag 09 has no room left for another character, which takes up to four bytes.
bool nameMayContinue(ByteView name);

// Errors: record_missing (card identifier or card number), card_data_malformed.
Result<IssuerData> issuerDataFrom(const Records& records);

} // namespace ykt::apdu::social_security
