// What a payload says and whether it holds, for tools and support: fields in order, accounts masked.
#pragma once

#include "qr/code.h"

#include <string>
#include <utility>
#include <vector>

namespace ykt::qr {

struct Explanation {
    std::string format;  // nameOf(CodeFormat), or "unknown"
    std::string verdict; // "accept", or the name of the reason for which the code is refused
    // Name and value. Empty for what cannot be parsed. Times are UTC (ISO 8601), bytes hexadecimal; of
    // account numbers only the last four characters are shown.
    std::vector<std::pair<std::string, std::string>> fields;
};

// Never fails: a payload of no format is explained as such. An electronic card code gets "online_only".
Explanation explainCode(ByteView payload, const TrustAnchors& anchors, WallTime now, std::uint32_t fareFen);

} // namespace ykt::qr
