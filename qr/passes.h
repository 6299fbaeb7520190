// The ways of looking at a part of a frame: whatever they make of it, a symbol's finder patterns are located
// in that picture, the symbol is straightened, and only then decoded. No single way reads every symbol: they
// complement one another, and docs/performance.md shows what each gains.
#pragma once

#include "qr/engine.h"
#include "qr/rectify.h"
#include "qr/region.h"
#include "qr/sharpen.h"

#include <optional>
#include <span>
#include <string_view>

namespace ykt::qr {

// Where a pass looks.
struct Spot {
    Region region;
    std::optional<SymbolPlace> place; // nullopt: no finder patterns were made out there
};

// What was read, and where in the frame.
struct PlacedReading {
    Reading reading;
    std::array<Point, 4> corners; // pixels of the frame, clockwise from the symbol's own top left
};

// What the passes work with; its buffers are kept between frames. Errors: frame_invalid (the engine failed).
class Workbench {
  public:
    using Readings = Result<std::vector<PlacedReading>>;

    // The symbol at the spot's place, which it has.
    Readings straight(const hal::Frame& frame, const Spot& spot);
    // Symbols in the region: at half its size, for modules that noise, moire or dirt break; sharpened, for
    // modules that run into one another; at twice its size, for modules of few pixels or little contrast.
    Readings half(const hal::Frame& frame, const Spot& spot);
    Readings sharpened(const hal::Frame& frame, const Spot& spot);
    Readings twice(const hal::Frame& frame, const Spot& spot);

  private:
    Readings readAll(const hal::Frame& picture, const Region& region, float scale);
    Readings readAt(const hal::Frame& picture, const SymbolPlace& place);

    SymbolFinder finder_;
    Rectifier rectifier_;
    Sharpener sharpener_;
    Bytes picture_;
};

struct Pass {
    std::string_view name;
    Workbench::Readings (Workbench::*work)(const hal::Frame&, const Spot&);
    double nanosecondsPerPixel; // of the spot's region, until it was measured
    bool cheap = false;         // done at every spot of every frame
    bool needsPlace = false;
};

// In the order in which a reader begins with them.
std::span<const Pass> spotPasses();  // for spots where a symbol probably is
std::span<const Pass> blindPasses(); // for whole frames, in case that the finder missed one

} // namespace ykt::qr
