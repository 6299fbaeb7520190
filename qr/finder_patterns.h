// The concentric squares in three corners of a QR symbol (ISO/IEC 18004, 6.3.3), wherever they lie in a
// frame.
#pragma once

#include "qr/local_threshold.h"
#include "qr/point.h"

#include <array>
#include <cstdint>
#include <vector>

namespace ykt::qr {

struct FinderPattern {
    Point centre;                // within about a quarter of a module
    std::array<float, 4> widths; // pixels a module along 0, 45, 90 and 135 degrees from the frame's x axis
    bool inverted = false;       // light squares on a dark ground
    int seen = 1;                // lines of the frame that cross its middle
};

// Any line through the middle of a finder pattern crosses dark and light as 1:1:3:1:1, at any rotation. Every
// second line of the frame is looked at; what fits there is checked across.
class FinderPatternSearch {
  public:
    // Those seen most often first, at most `mostPatterns`. The frame has at least `leastSide` pixels each
    // way. The answer stands until the next search.
    const std::vector<FinderPattern>& search(const hal::Frame& frame);

    static constexpr int leastSide = 24; // pixels; a symbol has at least 21 modules
    static constexpr std::size_t mostPatterns = 24;

  private:
    void findEdges(const hal::Frame& frame, int y);
    void searchLine(const hal::Frame& frame, int y);
    void consider(const hal::Frame& frame, int y, const std::uint16_t* edges, bool inverted);

    LocalThreshold threshold_;
    Bytes lineThresholds_;             // of each pixel of eight lines
    std::vector<std::uint16_t> edges_; // where dark and light meet in a line
    std::size_t edgeCount_ = 0;
    int checksLeft_ = 0; // bounds the time that a hostile frame can take
    std::vector<FinderPattern> patterns_;
};

} // namespace ykt::qr
