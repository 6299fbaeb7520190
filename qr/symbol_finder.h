// Where QR symbols may lie in a frame. Also the gate that is asked of every frame whether anything in it is
// worth a closer look.
#pragma once

#include "qr/finder_patterns.h"

namespace ykt::qr {

// Three finder patterns that fit a symbol's geometry.
struct SymbolPlace {
    // Centres of the patterns, within a fraction of a module. They turn clockwise in the frame; a mirrored
    // symbol therefore has its top right and bottom left ones changed over, and reads as its transpose.
    Point topLeft;
    Point topRight;
    Point bottomLeft;
    float moduleSize = 0.0F; // pixels, the mean of the three
    bool inverted = false;   // light modules on a dark ground
};

class SymbolFinder {
  public:
    // At most `mostPlaces`, those that fit best first; usually none where there is no symbol. Modules from
    // about 1.4 to 20 pixels, at any rotation. A frame that is not searchable has none.
    std::vector<SymbolPlace> find(const hal::Frame& frame);

    static constexpr std::size_t mostPlaces = 4;

    // Has it luma, and sizes that can be and could hold a symbol?
    static bool isSearchable(const hal::Frame& frame);

  private:
    FinderPatternSearch search_; // kept between frames to spare the allocations
};

} // namespace ykt::qr
