#include "sim/scene/light.h"

#include "sim/scene/chance.h"
#include "sim/scene/screen.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ykt::sim {
namespace {

constexpr double turn = 2.0 * std::numbers::pi;

// The grid of the screen's pixels as single points of the sensor see it: where its pitch comes near a
// multiple of theirs, the two beat. 0 in the middle of a screen pixel, 1 in the gap between two.
class Grid {
  public:
    explicit Grid(double pixelsPerModule) : factor_(static_cast<float>(turn * pixelsPerModule)) {}
    [[nodiscard]] float gapAt(const View::Spot& spot) const {
        return 0.5F - 0.25F * (std::cos(factor_ * spot.column) + std::cos(factor_ * spot.row));
    }

  private:
    float factor_;
};

} // namespace

void flicker(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings) {
    if (settings.moireDepth <= 0.0 && settings.bandingDepth <= 0.0)
        return;
    const Grid grid(settings.screenPixelsPerModule);
    const double phase = Chance(settings.seed, Chance::Stream::moire).between(0.0, turn);
    const auto side = static_cast<float>(symbol.width);
    const auto box = boxOf(symbol, view, settings);
    for (int y = box.top; y < box.bottom; ++y) {
        const double wave = std::cos(phase + turn * y / settings.bandingRows);
        const auto band = static_cast<float>(1.0 - settings.bandingDepth * (0.5 - 0.5 * wave));
        float* row = plane.row(y);
        for (int x = box.left; x < box.right; ++x) {
            const auto spot = view.toSymbol(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
            if (spot.column < 0.0F || spot.row < 0.0F || spot.column >= side || spot.row >= side)
                continue;
            row[x] *= band * (1.0F - static_cast<float>(settings.moireDepth) * grid.gapAt(spot));
        }
    }
}

void addGlare(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings) {
    if (settings.glareArea <= 0.0)
        return;
    const double side = symbol.width;
    Chance chance(settings.seed, Chance::Stream::glare);
    const double column = chance.between(0.2, 0.8) * side;
    const auto middle = view.toFrame(column, chance.between(0.2, 0.8) * side);
    const double width = side * settings.pixelsPerModule;
    const double square = settings.glareArea * width * width / std::numbers::pi; // of the radius
    const int reach = static_cast<int>(std::ceil(2.5 * std::sqrt(square)));      // where 1/500 is left
    const int midX = static_cast<int>(middle.x);
    const int midY = static_cast<int>(middle.y);
    for (int y = std::max(midY - reach, 0); y < std::min(midY + reach, plane.height); ++y)
        for (int x = std::max(midX - reach, 0); x < std::min(midX + reach, plane.width); ++x) {
            const double dx = x + 0.5 - middle.x;
            const double dy = y + 0.5 - middle.y;
            plane.row(y)[x] +=
                static_cast<float>(settings.glareStrength * std::exp(-(dx * dx + dy * dy) / square));
        }
}

void shade(Plane& plane, const SceneSettings& settings) {
    if (settings.gradient <= 0.0)
        return;
    const double cosine = std::cos(settings.gradientDegrees / 360.0 * turn);
    const double sine = std::sin(settings.gradientDegrees / 360.0 * turn);
    // Corner to corner along the way: all of the gradient lies within the frame.
    const double length = std::abs(cosine) * plane.width + std::abs(sine) * plane.height;
    const auto step = static_cast<float>(settings.gradient * cosine / length);
    for (int y = 0; y < plane.height; ++y) {
        const double along = (-cosine * plane.width + sine * (2.0 * y - plane.height)) / (2.0 * length);
        const auto first = static_cast<float>(1.0 - settings.gradient * (0.5 + along));
        float* row = plane.row(y);
        for (int x = 0; x < plane.width; ++x)
            row[x] *= first - step * static_cast<float>(x);
    }
}

} // namespace ykt::sim
