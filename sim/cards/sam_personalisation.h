// What makes a simulated card a PSAM: its files (LD/T 32 part 9) and its ATR.
#pragma once

#include "sim/cards/file_system.h"

namespace ykt::sim {

inline constexpr std::uint16_t samApplicationFile = 0xDF01;

Bytes samTerminalNumber(std::uint32_t number); // six bytes cn
// `number` makes serial and terminal number.
Directory samFiles(std::uint32_t number);
// Offers T=1.
Bytes samAnswerToReset(std::uint32_t number);

} // namespace ykt::sim
