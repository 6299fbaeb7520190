// What makes a simulated card a social security card: its files (LD/T 32 part 6, docs/cards.md) and its ATR.
#pragma once

#include "sim/cards/card_spec.h"
#include "sim/cards/file_system.h"

namespace ykt::sim {

inline constexpr std::uint8_t internalKeyId = 0x00; // IRK
inline constexpr std::uint8_t readingKeyId = 0x0A;  // RKSSSE

// T1..TD: chip, card software, maker, first four digits of the city code, serial number (LD/T 32 part 2,
// table 16).
Bytes historicalBytes(std::string_view cityCode, std::uint32_t serial);

// TS T0 .. around the historical bytes: T=0 for contact, as PC/SC part 3 composes it for contactless.
Bytes answerToReset(CardInterface interface, ByteView historical);

// The social security application, without keys. Errors: input_malformed, wire_failed (no GB18030 in iconv).
Result<Directory> socialSecurityApplication(const CardSpec& spec, std::uint32_t serial);

} // namespace ykt::sim
