// Letters for labels on pictures.
#pragma once

#include <array>
#include <cstdint>

namespace ykt::tools {

constexpr int glyphWidth = 5;  // pixels
constexpr int glyphHeight = 7; // pixels

// Rows from the top, the leftmost pixel in bit 4.
using Glyph = std::array<std::uint8_t, glyphHeight>;

// Of a to z, 0 to 9 and '-'; of anything else a blank.
const Glyph& glyphOf(char letter);

} // namespace ykt::tools
