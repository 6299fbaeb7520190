// A place in a frame to a straightened symbol: what a decoder reads as if it had been printed, not seen.
#pragma once

#include "hal/image.h"
#include "qr/symbol_finder.h"

#include <array>
#include <optional>

namespace ykt::qr {

struct RectifiedSymbol {
    static constexpr int pixelsPerModule = 4;
    static constexpr int quietZone = 4; // modules

    hal::Image image;             // dark 0, light 255, nothing between; inverted symbols are set right
    int dimension = 0;            // modules a side: 21..177
    std::array<Point, 4> corners; // in the frame, clockwise from the symbol's own top left
};

// How much the blur between neighbouring modules is undone before they are judged dark or light.
enum class Sharpening { fitted, none, strong };

class Rectifier {
  public:
    // nullopt: no symbol can be made out at that place. The first variant to try is `fitted`; the others
    // sample the same grid and cost little after it.
    std::optional<RectifiedSymbol> rectify(const hal::Frame& frame, const SymbolPlace& place,
                                           Sharpening sharpening = Sharpening::fitted);
};

} // namespace ykt::qr
