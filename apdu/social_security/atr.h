// What the answer to reset says about a social security card (LD/T 32 part 2, table 16).
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt::apdu::social_security {

inline constexpr std::size_t historicalSize = 13; // T1..TD

// The historical bytes of an ATR: T1-T2 chip, T3-T5 card software, T6-T7 card maker, T8-T9 first four digits
// of the administrative code, TA-TD serial number. Over ISO 14443 PC/SC composes the ATR from the ATS (PC/SC
// part 3); that the ATS of a social security card carries the same thirteen bytes is assumed, no public text
// says so. Errors: card_data_malformed (not an ATR, or fewer than thirteen).
Result<ByteArray<historicalSize>> historicalBytes(ByteView atr);

} // namespace ykt::apdu::social_security
