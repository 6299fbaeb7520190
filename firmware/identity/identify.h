// Evidence to identity, one function for each medium.
#pragma once

#include "apdu/social_security/card.h"
#include "apdu/transit/purse.h"
#include "firmware/identity/legacy_map.h"
#include "firmware/identity/online_answer.h"
#include "firmware/identity/verified_identity.h"
#include "qr/code.h"

namespace ykt::firmware::identity {

// Assurance: authenticated if the card was, else read. Subject: HMAC-SM3(key, social security number)[0..16),
// or over the card identifier where EF06 was not read. The card is valid through the end of its last day in
// China (UTC+8). Errors: medium_expired, id_number_malformed, card_data_malformed.
Result<VerifiedIdentity> identify(const apdu::social_security::CardEvidence& evidence,
                                  const PseudonymKey& key, WallTime now);

// The purse's owner is whoever its serial names. Assurance: authenticated, before the purse has proved
// anything: an accepted purse is debited, and nothing is opened or recorded as paid until the SAM has
// confirmed MAC2 of that debit, which only a genuine purse can make. Errors: purse_not_accepted (not
// interoperable), medium_expired, card_data_malformed.
Result<VerifiedIdentity> identify(const apdu::transit::PurseEvidence& evidence, const PseudonymKey& key,
                                  WallTime now);

// Presented only: a number without proof. Errors: medium_expired.
Result<VerifiedIdentity> identify(const LegacyHolder& holder, WallTime now);

// `payload` is the whole code as it was scanned: its digest makes it single-use. Verified by qr, so
// authenticated. Errors: medium_expired.
Result<VerifiedIdentity> identify(const qr::TransitCode& code, ByteView payload, const PseudonymKey& key,
                                  WallTime now);

// `openHolder`: the service may know the holder (Service::openHolderReference of the catalogue). Then the
// subject is the holder reference, as a card's; else a pseudonym of the sealed one, which changes with the
// authorisation. An emergency code is only `read`, and all of one authorisation are one use.
// Errors: medium_expired, crypto_failed.
Result<VerifiedIdentity> identify(const qr::FusionCode& code, ByteView payload, const PseudonymKey& key,
                                  bool openHolder, WallTime now);

// What waits for the online verifier: presented only, without region or holder class. No validity is known,
// so it stays single-use for a day.
VerifiedIdentity identify(const qr::OnlineCode& code, const PseudonymKey& key, WallTime now);
// And what the verifier has vouched for: authenticated; the subject is the card number's pseudonym, the
// region the one that the verifier told.
VerifiedIdentity identify(const qr::OnlineCode& code, const OnlineAnswer& answer, const PseudonymKey& key,
                          WallTime now);

// Whichever it is; a code that waits for the online verifier is presented. Errors: as above.
Result<VerifiedIdentity> identify(const qr::CodeEvidence& evidence, ByteView payload, const PseudonymKey& key,
                                  bool openHolder, WallTime now);

} // namespace ykt::firmware::identity
