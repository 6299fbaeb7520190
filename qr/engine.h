// ZXing-cpp, the engine that decodes symbols: QR Code Model 2 only; all other symbologies stay off. It is
// given straightened symbols and nothing else: Debian's build of it aborts the program on a failed assertion,
// and the assertions of its search for symbols do fail, now and then, on pictures of nothing.
#pragma once

#include "hal/image.h"

#include <optional>

namespace ykt::qr {

struct Reading {
    Bytes payload;        // as encoded, in every mode; an ECI changes no byte
    bool inParts = false; // structured append (ISO/IEC 18004, 8): only a part of a message
};

// `symbol` holds nothing but one upright symbol, a pixel a module, 0 and 255, with its quiet zone. nullopt:
// it does not decode. Errors: frame_invalid (the engine failed).
Result<std::optional<Reading>> decode(const hal::Image& symbol);

} // namespace ykt::qr
