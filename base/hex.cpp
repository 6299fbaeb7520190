#include "base/hex.h"

#include <optional>

namespace ykt {
namespace {

std::optional<unsigned> digitValue(char c) {
    if (c >= '0' && c <= '9')
        return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

bool isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace

std::string toHex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        text.push_back(digits[byte >> 4]);
        text.push_back(digits[byte & 15]);
    }
    return text;
}

Result<Bytes> fromHex(std::string_view text) {
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    std::size_t at = 0;
    while (at < text.size()) {
        if (isSpace(text[at])) {
            ++at;
            continue;
        }
        const auto high = digitValue(text[at]);
        const auto low = at + 1 < text.size() ? digitValue(text[at + 1]) : std::nullopt;
        if (!high || !low)
            return fail(Reason::input_malformed, "hexadecimal text, position " + std::to_string(at));
        bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
        at += 2;
    }
    return bytes;
}

} // namespace ykt
