// From the plane of a symbol, in modules, to a frame, in pixels.
#pragma once

#include "qr/point.h"

#include <array>
#include <optional>
#include <span>

namespace ykt::qr {

// A point of the symbol's plane (modules from its upper left corner), where it was seen (pixels), and how
// much that sighting counts.
struct Sighting {
    Point module;
    Point seen;
    float weight = 1.0F;
};

class Homography {
  public:
    // The corner, right and lower points of a square of `side` modules whose corner lies at (origin, origin),
    // and the perspective: the denominator grows by `right` and `down` of itself from the corner to those.
    static Homography ofThree(Point corner, Point right, Point lower, float origin, float side,
                              Point perspective);
    // Least squares over at least four sightings, no three in a line. nullopt: they do not determine one.
    static std::optional<Homography> fit(std::span<const Sighting> sightings);

    [[nodiscard]] Point operator()(float x, float y) const {
        const float w = 1.0F / (h_[6] * x + h_[7] * y + 1.0F);
        return {(h_[0] * x + h_[1] * y + h_[2]) * w, (h_[3] * x + h_[4] * y + h_[5]) * w};
    }
    [[nodiscard]] Point operator()(Point module) const { return (*this)(module.x, module.y); }

  private:
    explicit Homography(const std::array<double, 8>& h) {
        for (std::size_t i = 0; i < h.size(); ++i)
            h_[i] = static_cast<float>(h[i]);
    }
    std::array<float, 8> h_{};
};

} // namespace ykt::qr
