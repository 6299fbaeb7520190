// Frames to payloads: QR symbols only, raw bytes, by ZXing-cpp.
#pragma once

#include "hal/camera.h"
#include "hal/clock.h"
#include "qr/point.h"

#include <array>
#include <chrono>
#include <string_view>
#include <vector>

namespace ykt::qr {

struct Symbol {
    Bytes payload;                // the symbol's bytes as encoded, never re-coded as text
    std::array<Point, 4> corners; // clockwise from the symbol's own top left
    std::string_view pass;        // the pass that read it, by name, for tools
};

struct SymbolReaderSettings {
    std::chrono::microseconds budget{15'000}; // of one frame: no pass is begun that would probably outlast it
};

class SymbolReader {
  public:
    explicit SymbolReader(const hal::Clock& clock, SymbolReaderSettings settings = {})
        : clock_(clock), settings_(settings) {}

    // All different symbols that one look at the frame finds, at most a handful: more than one means "show
    // one code". Errors: symbol_not_found, frame_invalid (no luma, or sizes that cannot be).
    Result<std::vector<Symbol>> read(const hal::Frame& frame);

  private:
    const hal::Clock& clock_;
    SymbolReaderSettings settings_;
    Bytes enlarged_; // kept between frames to spare the allocation
};

} // namespace ykt::qr
