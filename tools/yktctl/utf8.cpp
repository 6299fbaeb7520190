#include "tools/yktctl/utf8.h"

#include <algorithm>
#include <array>

namespace ykt::tools {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// Unicode's East_Asian_Width W and F, blocks merged.
constexpr std::array<Range, 16> wide{{{0x1100, 0x115F},
                                      {0x2E80, 0x303E},
                                      {0x3041, 0x33FF},
                                      {0x3400, 0x4DBF},
                                      {0x4E00, 0x9FFF},
                                      {0xA000, 0xA4CF},
                                      {0xA960, 0xA97F},
                                      {0xAC00, 0xD7A3},
                                      {0xF900, 0xFAFF},
                                      {0xFE10, 0xFE19},
                                      {0xFE30, 0xFE6F},
                                      {0xFF01, 0xFF60},
                                      {0xFFE0, 0xFFE6},
                                      {0x1F300, 0x1FAFF},
                                      {0x20000, 0x2FFFD},
                                      {0x30000, 0x3FFFD}}};
constexpr std::array<Range, 4> combining{
    {{0x0300, 0x036F}, {0x200B, 0x200F}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, char32_t character) {
    return std::ranges::any_of(
        ranges, [character](Range range) { return range.first <= character && character <= range.last; });
}

bool isControl(char32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

// Bytes of a sequence that starts with `lead`, and the least character that needs so many. 0: no lead byte.
std::pair<std::size_t, char32_t> shapeOf(unsigned char lead) {
    if (lead < 0x80)
        return {1, 0};
    if (lead >= 0xC0 && lead < 0xE0)
        return {2, 0x80};
    if (lead >= 0xE0 && lead < 0xF0)
        return {3, 0x800};
    if (lead >= 0xF0 && lead < 0xF8)
        return {4, 0x10000};
    return {0, 0};
}

} // namespace

std::optional<char32_t> takeCharacter(std::string_view& text) {
    if (text.empty())
        return std::nullopt;
    const auto lead = static_cast<unsigned char>(text[0]);
    const auto [size, least] = shapeOf(lead);
    if (size == 0 || size > text.size())
        return std::nullopt;
    char32_t character = size == 1 ? lead : lead & (0x7FU >> size);
    for (const char next : text.substr(1, size - 1)) {
        const auto byte = static_cast<unsigned char>(next);
        if ((byte & 0xC0) != 0x80)
            return std::nullopt;
        character = character << 6 | (byte & 0x3FU);
    }
    const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    if (character < least || character > 0x10FFFF || surrogate)
        return std::nullopt;
    text.remove_prefix(size);
    return character;
}

bool isUtf8(std::string_view text) {
    while (takeCharacter(text)) {
    }
    return text.empty();
}

std::size_t columnsOf(std::string_view text) {
    std::size_t columns = 0;
    while (const auto character = takeCharacter(text)) {
        if (within(wide, *character))
            columns += 2;
        else if (!within(combining, *character))
            columns += 1;
    }
    return columns;
}

std::string harmless(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const auto rest = text;
        const auto character = takeCharacter(text);
        if (character && !isControl(*character)) {
            shown += rest.substr(0, rest.size() - text.size());
            continue;
        }
        shown += '?';
        if (!character)
            text.remove_prefix(1);
    }
    return shown;
}

} // namespace ykt::tools
