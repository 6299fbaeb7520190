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
    // All different symbols that one look at the frame finds, at most two: two mean "show one code". A frame
    // in which nothing is found is looked at once more at twice its size, up to 1280 pixels a side. Errors:
    // symbol_not_found, frame_invalid (no luma, or sizes that cannot be).
    Result<std::vector<Symbol>> read(const hal::Frame& frame);

  private:
    Bytes enlarged_; // kept between frames to spare the allocation
};

} // namespace ykt::qr
