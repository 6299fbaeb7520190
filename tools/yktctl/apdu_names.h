// What commands and status words are called in ISO/IEC 7816-4 and in the card standards.
#pragma once

#include "apdu/command.h"

#include <string>

namespace ykt::tools {

// Empty: no name known for this class and instruction.
std::string nameOfCommand(const apdu::Command& command);
// Empty: no meaning known.
std::string meaningOf(apdu::StatusWord status);

} // namespace ykt::tools
