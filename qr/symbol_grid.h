// Where each module of a symbol lies in a frame.
#pragma once

#include "qr/homography.h"
#include "qr/symbol_finder.h"

#include <optional>

namespace ykt::qr {

struct SymbolGrid {
    int dimension;      // modules a side
    Homography toFrame; // from modules, counted from the symbol's upper left corner
};

// The dimension and the perspective by the timing patterns, which no other grid than the true one meets; then
// the whole by all finder and alignment patterns. nullopt: nothing like a timing pattern is there.
// The frame is one in which the place was found.
std::optional<SymbolGrid> locateGrid(const hal::Frame& frame, const SymbolPlace& place);

} // namespace ykt::qr
