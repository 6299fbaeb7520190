#include "base/base64.h"

#include <algorithm>

namespace ykt {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

} // namespace

std::string toBase64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto group = bytes.subspan(at, std::min<std::size_t>(3, bytes.size() - at));
        const auto bits = readBigEndian(group) << (8 * (3 - group.size()));
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= group.size() ? alphabet[(bits >> (18 - 6 * i)) & 0x3f] : '=';
    }
    return text;
}

Result<Bytes> fromBase64(std::string_view text) {
    if (text.size() % 4 != 0)
        return fail(Reason::input_malformed, "base64 length");
    auto digits = text;
    while (digits.ends_with('=') && text.size() - digits.size() < 2)
        digits.remove_suffix(1);
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    unsigned held = 0; // bits that are not yet a byte
    for (const char digit : digits) {
        const auto value = alphabet.find(digit);
        if (value == std::string_view::npos)
            return fail(Reason::input_malformed, "base64 character");
        bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> held));
        }
    }
    if ((bits & ((1U << held) - 1)) != 0)
        return fail(Reason::input_malformed, "base64 unused bits");
    return bytes;
}

} // namespace ykt
