// Frames to payloads: QR symbols only, raw bytes, by ZXing-cpp.
#pragma once

#include "hal/camera.h"

#include <vector>

namespace ykt::qr {

struct Symbol {
    Bytes payload; // the symbol's bytes as encoded, never re-coded as text
};

class SymbolReader {
  public:
    // All different symbols in view, at most two: two mean "show one code". Errors: symbol_not_found.
    Result<std::vector<Symbol>> read(const hal::Frame& frame);
};

} // namespace ykt::qr
