// The Ningxia fusion code in this project's own profile (docs/fusion-code.md); the operator's is not published.
#pragma once

#include "base/secret.h"
#include "base/time.h"
#include "crypto/sm2.h"
#include "qr/trust_anchors.h"

#include <string>

namespace ykt::qr {

struct FusionCode {
    std::uint8_t version = 0;
    std::uint8_t caIndex = 0;
    Bytes certificateSerial;
    ByteArray<16> holderReference{}; // the programme's pseudonym of the holder; tells nothing without its key
    std::string regionCode;          // six digits of GB/T 2260: where the holder's card was issued
    std::uint8_t holderClass = 0;    // '1'..'4' as tag 02 of the card, 0 if not told
    WallTime authorisedUntil{};      // of the user key
    WallTime generated{};
    std::chrono::seconds validity{};
};

bool looksLikeFusionCode(ByteView payload);
// Errors: malformed.
Result<FusionCode> parseFusionCode(ByteView payload);
// Errors: the code reasons that verifyTransitCode gives, without over_limit.
Result<FusionCode> verifyFusionCode(ByteView payload, const TrustAnchors& anchors, WallTime now);

} // namespace ykt::qr
