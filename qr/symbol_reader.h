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
    // All different symbols in view, at most two: two mean "show one code". Errors: symbol_not_found,
    // frame_invalid (no luma, or sizes that cannot be).
    Result<std::vector<Symbol>> read(const hal::Frame& frame);

  private:
    Bytes enlarged_; // kept between frames to spare the allocation
};

} // namespace ykt::qr
