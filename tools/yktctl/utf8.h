// Text as a terminal window shows it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ykt::tools {

// Takes one character from the front of `text`. nullopt: not UTF-8 (RFC 3629: no surrogates, no overlong
// forms), or empty; `text` is then unchanged.
std::optional<char32_t> takeCharacter(std::string_view& text);

bool isUtf8(std::string_view text);

// Columns that `text` takes in a window: two for East Asian wide characters, none for combining marks.
std::size_t columnsOf(std::string_view text);

// Control characters and bytes that are not UTF-8 as '?', so that foreign text cannot steer the window.
std::string harmless(std::string_view text);

} // namespace ykt::tools
