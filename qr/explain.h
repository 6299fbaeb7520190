// What a payload says and whether it holds, for tools and support: fields in order, accounts masked.
#pragma once

#include "qr/code.h"

#include <string>
#include <utility>
#include <vector>

namespace ykt::qr {

using NamedTexts = std::vector<std::pair<std::string, std::string>>;

struct Explanation {
    std::string format;  // PayloadKind::name: "transit_code", "web address", "unknown"
    std::string verdict; // "accept", or the name of the reason for which the code is refused
    std::string why;     // the reason's context; empty where it has none
    WallTime judgedAt{}; // the clock that verdict goes by
    // "ca", "issuer" and "user", each by itself: "good", "bad: why" or "not checked: why". Empty for what has
    // no signatures or cannot be parsed.
    NamedTexts signatures;
    // Empty for what cannot be parsed. Times are UTC (ISO 8601) as the code has them, bytes hexadecimal; of
    // account numbers only the last four characters are shown.
    NamedTexts fields;
};

// Never fails: a payload of no format is explained as such. A code that only the online verifier can decide
// gets "online_only".
Explanation explainCode(ByteView payload, const CodeVerifier& verifier, WallTime now, std::uint32_t fareFen);

} // namespace ykt::qr
