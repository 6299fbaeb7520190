// The CA keys of codes as JSON: the body of the bulletin "trust_anchors", and the file that tools take.
#pragma once

#include "qr/trust_anchors.h"

namespace ykt::firmware::identity {

// {"ca_keys": [{"format": "transit_code", "index": "FE", "public_key": "04...", "not_before": 1767225600,
// "not_after": 1798761600}]}. `index` is one byte, `public_key` a compressed or uncompressed SM2 point, both
// hexadecimal; without `format` the key holds for every format. The times are seconds since 1970 UTC, may be
// left out, and bound when the key holds: from `not_before` on and before `not_after`. No other member may be
// there. Errors: bulletin_malformed, with the path of what is wrong.
Result<qr::TrustAnchors> parseTrustAnchors(std::string_view json);

} // namespace ykt::firmware::identity
