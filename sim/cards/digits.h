// Numbers as cards carry them: two digits a byte.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <chrono>
#include <string_view>

namespace ykt::sim {

// Digits, two a byte, filled with F up to `size` bytes. Errors: input_malformed (other characters, too many).
Result<Bytes> packedDigits(std::string_view digits, std::size_t size);

std::string dateDigits(std::chrono::year_month_day date); // YYYYMMDD
Bytes packedDate(std::chrono::year_month_day date);       // the same, four bytes

} // namespace ykt::sim
