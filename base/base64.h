#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt {

// RFC 4648 section 4, with padding and without line ends.
std::string toBase64(ByteView bytes);

// Strict: whole groups, right padding, no other characters, unused bits zero. Errors: input_malformed.
Result<Bytes> fromBase64(std::string_view text);

} // namespace ykt
