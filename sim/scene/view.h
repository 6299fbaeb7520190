// Where the modules of a symbol lie in the frame.
#pragma once

#include "qr/point.h"
#include "sim/scene/scene.h"

#include <array>

namespace ykt::sim {

// A pinhole camera looks at a plane that is tilted, then turned, then shifted.
class View {
  public:
    // `symbol` with its quiet zone, one pixel per module, not empty.
    View(const Image& symbol, const SceneSettings& settings);

    // A point of the symbol, in modules from the top left of its quiet zone, in the frame's pixels.
    [[nodiscard]] qr::Point toFrame(double column, double row) const;

    // A point of the frame, in modules, and how these change with a pixel to the right and down.
    struct Spot {
        float column, row;
        float columnByX, rowByX;
        float columnByY, rowByY;
    };
    [[nodiscard]] Spot toSymbol(float x, float y) const;

    // Clockwise from the symbol's own top left, without the quiet zone.
    [[nodiscard]] std::array<qr::Point, 4> corners() const;

    // Whether all of the symbol, but not of its quiet zone, is in the frame.
    [[nodiscard]] bool inFrame() const;

  private:
    using Matrix = std::array<double, 9>; // row by row
    static Matrix projection(const Image& symbol, const SceneSettings& settings);

    int side_; // modules
    int width_;
    int height_;
    Matrix toFrame_;
    std::array<float, 9> toSymbol_;
};

} // namespace ykt::sim
