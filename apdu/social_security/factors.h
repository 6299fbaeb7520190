// The factors by which the issuer's master keys become those of one city and of one card (LD/T 32 part 4).
#pragma once

#include "apdu/social_security/atr.h"

#include <string_view>

namespace ykt::apdu::social_security {

// L2: the city code's six ASCII digits ‖ 73 78.
ByteArray<8> cityFactor(std::string_view cityCode);

// L3: T6..TD of the ATR's historical bytes.
ByteArray<8> cardFactor(const ByteArray<historicalSize>& historical);

} // namespace ykt::apdu::social_security
