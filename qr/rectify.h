// A place in a frame to a straightened symbol: what a decoder reads as if it had been printed, not seen.
#pragma once

#include "hal/image.h"
#include "qr/module_values.h"
#include "qr/symbol_finder.h"

#include <array>
#include <optional>

namespace ykt::qr {

struct RectifiedSymbol {
    static constexpr int quietZone = 4; // modules

    hal::Image image;             // a pixel a module, dark 0, light 255; inverted symbols are set right
    int dimension = 0;            // modules a side: 21..177
    std::array<Point, 4> corners; // in the frame, clockwise from the symbol's own top left
};

class Rectifier {
  public:
    // Makes out the symbol at a place of that frame. The frame is not looked at again later. false: nothing
    // there looks like a symbol.
    bool locate(const hal::Frame& frame, const SymbolPlace& place);

    // The symbol located last, its function patterns as every symbol has them: they carry nothing to be read,
    // and the engine aborts the program on finder patterns that it finds odd. nullopt: what was seen in
    // their place is no symbol. `fitted` reads best; another sharpening costs a fraction of locating.
    [[nodiscard]] std::optional<RectifiedSymbol> rectified(Sharpening sharpening = Sharpening::fitted) const;

  private:
    ModuleValues values_;
    int dimension_ = 0;
    std::array<Point, 4> corners_;
};

} // namespace ykt::qr
