#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt {

// Lower-case hexadecimal without separators.
std::string toHex(ByteView bytes);

// Accepts both cases and ASCII white space between bytes. Errors: input_malformed (odd count, other
// characters).
Result<Bytes> fromHex(std::string_view text);

} // namespace ykt
