// Evidence to identity, one function for each medium.
#pragma once

#include "apdu/social_security/card.h"
#include "firmware/identity/verified_identity.h"
#include "qr/code.h"

namespace ykt::firmware::identity {

// 32 bytes, one for the whole fleet of an operator.
using PseudonymKey = Secret;

// Assurance: authenticated if the card was, else read. Subject: HMAC-SM3(key, social security number)[0..16),
// or over the card identifier where EF06 was not read. The card is valid through the end of its last day in
// China (UTC+8). Errors: medium_expired, id_number_malformed, card_data_malformed.
Result<VerifiedIdentity> identify(const apdu::social_security::CardEvidence& evidence,
                                  const PseudonymKey& key, WallTime now);

// `payload` is the whole code as it was scanned: its digest makes it single-use. Codes were verified by qr,
// so they are authenticated. Errors: none of their own besides medium_expired.
Result<VerifiedIdentity> identify(const qr::TransitCode& code, ByteView payload, const PseudonymKey& key,
                                  WallTime now);
Result<VerifiedIdentity> identify(const qr::FusionCode& code, ByteView payload, WallTime now);

// An electronic card code proves nothing by itself: presented only, without region or holder class.
Result<VerifiedIdentity> identify(const qr::ElectronicCardCode& code, const PseudonymKey& key);

// Whichever it is. Errors: as above.
Result<VerifiedIdentity> identify(const qr::CodeEvidence& evidence, ByteView payload, const PseudonymKey& key,
                                  WallTime now);

} // namespace ykt::firmware::identity
