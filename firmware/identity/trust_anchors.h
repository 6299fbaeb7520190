// The CA keys of codes as JSON: the body of the bulletin "trust_anchors", and the file that tools take.
#pragma once

#include "qr/trust_anchors.h"

namespace ykt::firmware::identity {

// {"ca_keys": [{"format": "transit_code", "index": "FE", "public_key": "04..."}]}. `index` is one byte,
// `public_key` a compressed or uncompressed SM2 point, both hexadecimal; without `format` the key holds for
// every format. Errors: bulletin_malformed, with the path of what is wrong.
Result<qr::TrustAnchors> parseTrustAnchors(std::string_view json);

} // namespace ykt::firmware::identity
