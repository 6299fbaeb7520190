// Transit codes of JT/T 1179-2018: a chain of three SM2 signatures that a terminal proves offline.
#pragma once

#include "base/secret.h"
#include "qr/chain_verifier.h"

#include <string>
#include <vector>

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
// Errors: as parseTransitCode.
Result<SignatureChain> transitChain(ByteView payload);

struct TransitCodeSettings {
    std::chrono::seconds aheadOfTerminal{20}; // grade B/C: seen in terminals, not read in the standard
    std::chrono::seconds longestValidity{1200};
    // Issuers (bytes 146 to 149 of the code) whose times are those of China written as if they were UTC.
    // Grade C, seen in one terminal's code: never by default.
    std::vector<ByteArray<4>> localTimeIssuers;
};

// Structure, chain (ChainVerifier), times, limit, in this order. The times of an issuer of local time are
// returned as UTC. Errors: malformed, code_from_the_future, code_expired, over_limit, and those of
// ChainVerifier.
Result<TransitCode> verifyTransitCode(ByteView payload, const ChainVerifier& chains, WallTime now,
                                      std::uint32_t fareFen, const TransitCodeSettings& settings = {});

} // namespace ykt::qr
