#include "sim/cards/digits.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace ykt::sim {

Result<Bytes> packedDigits(std::string_view digits, std::size_t size) {
    if (digits.size() > 2 * size || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
        return fail(Reason::input_malformed, "digits");
    Bytes out(size, 0xFF);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const auto digit = static_cast<unsigned>(digits[i] - '0');
        out[i / 2] = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 | 0x0F : (out[i / 2] & 0xF0) | digit);
    }
    return out;
}

std::string dateDigits(std::chrono::year_month_day date) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d%02u%02u", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return text.data();
}

Bytes packedDate(std::chrono::year_month_day date) {
    return packedDigits(dateDigits(date), 4).value_or(Bytes(4, 0xFF));
}

} // namespace ykt::sim
