// Points of the two curves as bytes (SEC 1, section 2.3). Included only by sources of this room.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt::crypto {

enum class Curve { sm2p256v1, secp256r1 };

// 04 ‖ x ‖ y of a point given as 33 bytes (02/03 ‖ x) or 65 bytes (04 ‖ x ‖ y). Errors: key_invalid for any
// other form, coordinates not below p, points off the curve and the point at infinity.
Result<ByteArray<65>> uncompressPoint(Curve curve, ByteView point);

} // namespace ykt::crypto
