// The character set of cards: GBK, read as its superset GB 18030 so that rare characters of names survive.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt::apdu::social_security {

// Errors: card_data_malformed (not GB 18030, or control characters), wire_failed (this system's iconv lacks
// GB18030).
Result<std::string> textFromCard(ByteView gb18030);

// Errors: input_malformed (not UTF-8), wire_failed as above.
Result<Bytes> textForCard(std::string_view utf8);

} // namespace ykt::apdu::social_security
