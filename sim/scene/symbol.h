// QR symbols, as an app would show them on its screen.
#pragma once

#include "sim/scene/image.h"

namespace ykt::sim {

inline constexpr int quietZone = 4; // modules, ISO/IEC 18004

// The payload in 8-bit mode with a quiet zone of four modules: error correction level M where that fits
// (2,331 bytes), else L (2,953 bytes). Dark is 0 and light 255. Errors: input_malformed (empty, too long, or
// no pixels).
Result<Image> renderSymbol(ByteView payload, int pixelsPerModule);

} // namespace ykt::sim
