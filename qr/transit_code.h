// Transit codes of JT/T 1179-2018: a chain of three SM2 signatures that a terminal proves offline.
#pragma once

#include "base/secret.h"
#include "base/time.h"
#include "crypto/sm2.h"
#include "qr/trust_anchors.h"

#include <string>

namespace ykt::qr {

// The fields of a code whose structure is right; nothing is verified yet.
struct TransitCode {
    std::uint8_t caIndex = 0;
    Bytes certificateIssuer;       // 4 bytes
    int certificateExpiryYear = 0; // full year; the certificate holds to the end of the month
    int certificateExpiryMonth = 0;
    Bytes certificateSerial;                  // 3 bytes
    Bytes issuerPoint;                        // 33 bytes, compressed
    PersonalData<std::string> paymentAccount; // 16 characters
    PersonalData<std::string> cardAccount;    // 20 digits
    Bytes issuer;                             // 4 bytes
    Bytes platform;                           // 4 bytes
    std::uint8_t accountType = 0;
    std::uint32_t tripLimitFen = 0;
    Bytes userPoint; // 33 bytes, compressed
    WallTime authorisedUntil{};
    std::chrono::seconds validity{};
    Bytes custom; // 0..32 bytes
    WallTime generated{};
};

bool looksLikeTransitCode(ByteView payload);

// Errors: malformed.
Result<TransitCode> parseTransitCode(ByteView payload);

struct TransitCodeSettings {
    std::chrono::seconds aheadOfTerminal{20}; // grade B/C: seen in terminals, not read in the standard
    std::chrono::seconds longestValidity{1200};
};

// Structure, CA signature, certificate expiry, issuer signature, authorisation, user signature, times, limit,
// in this order. Errors: malformed, bad_certificate, certificate_expired, bad_issuer_signature,
// authorisation_expired, bad_user_signature, code_from_the_future, code_expired, over_limit, crypto_failed.
Result<TransitCode> verifyTransitCode(ByteView payload, const TrustAnchors& anchors, WallTime now,
                                      std::uint32_t fareFen, const TransitCodeSettings& settings = {});

} // namespace ykt::qr
