// The Ningxia fusion code in this project's own profile (docs/fusion-code.md); the operator's is not
// published.
#pragma once

#include "base/secret.h"
#include "qr/chain_verifier.h"
#include "qr/holder_reference.h"

#include <string>

namespace ykt::qr {

enum class FusionForm : std::uint8_t {
    offline = 1,   // made by the phone for each showing
    emergency = 2, // made ahead by the phone, for when nothing else is to be had: holds longer, proves less
    online = 3,    // a token for the online verifier
};
std::string_view nameOf(FusionForm form);

inline constexpr std::size_t fusionCodeSize = 310; // bytes, of the offline and the emergency form
inline constexpr std::size_t shortestFusionToken = 16;
inline constexpr std::size_t longestFusionToken = 64;

// Of the offline or the emergency form.
struct FusionCode {
    FusionForm form = FusionForm::offline;
    std::uint8_t caIndex = 0;
    Bytes certificateIssuer; // 4 bytes
    WallTime certificateExpiry{};
    Bytes certificateSerial; // 4 bytes
    Bytes issuerPoint;       // 33 bytes, compressed
    ByteArray<16> sealedHolder{};
    std::string regionCode;       // six digits of GB/T 2260: where the holder's card was issued
    std::uint8_t holderClass = 0; // '1'..'4' as tag 02 of the card, 0 if not told
    Bytes userPoint;              // 33 bytes, compressed
    WallTime authorisedUntil{};   // of the user key
    WallTime generated{};
    std::chrono::seconds validity{};

    // Errors: crypto_failed.
    [[nodiscard]] Result<HolderReference> openHolder(const Secret& programmeKey) const {
        return openHolderReference(programmeKey, sealedHolder, {userPoint, authorisedUntil});
    }
};

bool looksLikeFusionCode(ByteView payload);
bool looksLikeOnlineFusionCode(ByteView payload);

// Errors: malformed (the online form too).
Result<FusionCode> parseFusionCode(ByteView payload);
// The token of the online form: 16 to 64 printable characters. Errors: malformed.
Result<Secret> parseFusionToken(ByteView payload);
// Errors: as parseFusionCode.
Result<SignatureChain> fusionChain(ByteView payload);

struct FusionCodeSettings {
    std::chrono::seconds aheadOfTerminal{20};
    std::chrono::seconds longestValidity{1200};
    std::chrono::seconds longestEmergencyValidity{24 * 3600};
};

// Structure, chain (ChainVerifier), times. Errors: malformed, code_from_the_future, code_expired, and those
// of ChainVerifier.
Result<FusionCode> verifyFusionCode(ByteView payload, const ChainVerifier& chains, WallTime now,
                                    const FusionCodeSettings& settings = {});

// What each of the three signatures covers: a label of its own, so that no signature can stand in for another
// or for one of a transit code, then these bytes of the payload.
enum class FusionSignature { certificate, authorisation, code };
Bytes fusionSignedBytes(ByteView payload, FusionSignature which);

} // namespace ykt::qr
