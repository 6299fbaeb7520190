#include "qr/homography.h"

#include "qr/linear_equations.h"

namespace ykt::qr {

Homography Homography::ofThree(Point corner, Point right, Point lower, float origin, float side,
                               Point perspective) {
    // In units of the side, from the corner: (corner + a u + b v) / (1 + g u + h v).
    const double g = perspective.x;
    const double h = perspective.y;
    const double ax = right.x * (1.0 + g) - corner.x;
    const double ay = right.y * (1.0 + g) - corner.y;
    const double bx = lower.x * (1.0 + h) - corner.x;
    const double by = lower.y * (1.0 + h) - corner.y;
    // u = (x - origin) / side.
    const double s = side;
    const double o = origin;
    const double w = 1.0 - (g + h) * o / s;
    return Homography({ax / s / w, bx / s / w, (corner.x - (ax + bx) * o / s) / w, ay / s / w, by / s / w,
                       (corner.y - (ay + by) * o / s) / w, g / s / w, h / s / w});
}

std::optional<Homography> Homography::fit(std::span<const Sighting> sightings) {
    // The linear form of x = (a u + b v + c) / (g u + h v + 1), in units that keep its terms alike.
    constexpr double modules = 64.0;
    constexpr double pixels = 256.0;
    LeastSquares<8> equations;
    for (const auto& [module, seen, weight] : sightings) {
        const double u = module.x / modules;
        const double v = module.y / modules;
        const double x = seen.x / pixels;
        const double y = seen.y / pixels;
        equations.add({u, v, 1.0, 0.0, 0.0, 0.0, -u * x, -v * x}, x, weight);
        equations.add({0.0, 0.0, 0.0, u, v, 1.0, -u * y, -v * y}, y, weight);
    }
    auto solved = equations.solve();
    if (!solved)
        return std::nullopt;
    auto& h = *solved;
    for (const std::size_t i : {0U, 1U, 3U, 4U})
        h[i] *= pixels / modules;
    h[2] *= pixels;
    h[5] *= pixels;
    h[6] /= modules;
    h[7] /= modules;
    return Homography(h);
}

} // namespace ykt::qr
