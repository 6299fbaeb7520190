// The construction that transit and fusion codes share: a CA signs the issuer's certificate, the issuer signs
// the user's key, the user's phone signs the code.
#pragma once

#include "base/time.h"
#include "qr/trust_anchors.h"

namespace ykt::qr {

struct SignedPart {
    Bytes message;
    ByteView signature; // r ‖ s
};

// Of a payload whose structure was checked; the views refer to it.
struct SignatureChain {
    CodeFormat format{};
    std::uint8_t caIndex = 0;
    ByteView certificate; // all its bytes, the CA's signature among them
    ByteView issuerPoint; // 33 bytes, compressed
    ByteView userPoint;   // 33 bytes, compressed
    SignedPart byAuthority;
    SignedPart byIssuer;
    SignedPart byUser;
    WallTime certificateEnd{};  // the first moment that is too late
    WallTime authorisedUntil{}; // the first moment that is too late
};

} // namespace ykt::qr
