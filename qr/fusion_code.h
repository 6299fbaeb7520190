// The Ningxia fusion code in this project's own profile (docs/fusion-code.md); the operator's is not
// published.
#pragma once

#include "base/secret.h"
#include "base/time.h"
#include "crypto/sm2.h"
#include "qr/trust_anchors.h"

#include <string>

namespace ykt::qr {

inline constexpr std::size_t fusionCodeSize = 307; // bytes, of version 1

struct FusionCode {
    std::uint8_t version = 0;
    std::uint8_t caIndex = 0;
    Bytes certificateIssuer; // 4 bytes
    WallTime certificateExpiry{};
    Bytes certificateSerial;         // 4 bytes
    Bytes issuerPoint;               // 33 bytes, compressed
    ByteArray<16> holderReference{}; // the programme's pseudonym of the holder; tells nothing without its key
    std::string regionCode;          // six digits of GB/T 2260: where the holder's card was issued
    std::uint8_t holderClass = 0;    // '1'..'4' as tag 02 of the card, 0 if not told
    Bytes userPoint;                 // 33 bytes, compressed
    WallTime authorisedUntil{};      // of the user key
    WallTime generated{};
    std::chrono::seconds validity{};
};

bool looksLikeFusionCode(ByteView payload);
// Errors: malformed.
Result<FusionCode> parseFusionCode(ByteView payload);

struct FusionCodeSettings {
    std::chrono::seconds aheadOfTerminal{20};
    std::chrono::seconds longestValidity{1200};
};

// Errors: the code reasons that verifyTransitCode gives, without over_limit.
Result<FusionCode> verifyFusionCode(ByteView payload, const TrustAnchors& anchors, WallTime now,
                                    const FusionCodeSettings& settings = {});

// The holder's pseudonym in the programme: the first 16 bytes of HMAC-SM3(programme key, social security
// number). A terminal derives the same from a card, so lists and rules hold whichever medium is shown.
ByteArray<16> holderReference(const Secret& programmeKey,
                              const PersonalData<std::string>& socialSecurityNumber);

// What each of the three signatures covers: a label of its own, so that no signature can stand in for another
// or for one of a transit code, then these bytes of the payload.
enum class FusionSignature { certificate, authorisation, code };
Bytes fusionSignedBytes(ByteView payload, FusionSignature which);

} // namespace ykt::qr
