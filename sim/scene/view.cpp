#include "sim/scene/view.h"

#include "sim/scene/symbol.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ykt::sim {
namespace {

double radians(double degrees) {
    return degrees * std::numbers::pi / 180.0;
}

std::array<double, 9> times(const std::array<double, 9>& a, const std::array<double, 9>& b) {
    std::array<double, 9> product{};
    for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t k = 0; k < 3; ++k)
                product[i * 3 + j] += a[i * 3 + k] * b[k * 3 + j];
    return product;
}

// Up to a factor, which a projection does not see.
std::array<float, 9> inverse(const std::array<double, 9>& m) {
    const std::array<double, 9> adjugate = {
        m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
        m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
        m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
    std::array<float, 9> scaled{};
    std::ranges::transform(adjugate, scaled.begin(),
                           [&](double value) { return static_cast<float>(value / adjugate[8]); });
    return scaled;
}

} // namespace

View::View(const Image& symbol, const SceneSettings& settings)
    : side_(symbol.width), width_(settings.width), height_(settings.height),
      toFrame_(projection(symbol, settings)), toSymbol_(inverse(toFrame_)) {}

// Modules to the frame: centred and scaled to pixels; tilted about both axes and projected; turned; shifted.
View::Matrix View::projection(const Image& symbol, const SceneSettings& settings) {
    const double scale = settings.pixelsPerModule;
    const double across = settings.mirrored ? -scale : scale;
    const double half = symbol.width / 2.0;
    const Matrix centred = {across, 0, -across * half, 0, scale, -scale * half, 0, 0, 1};

    const double distance = settings.distance * symbol.width * scale;
    const double sinX = std::sin(radians(settings.tiltXDegrees));
    const double cosX = std::cos(radians(settings.tiltXDegrees));
    const double sinY = std::sin(radians(settings.tiltYDegrees));
    const double cosY = std::cos(radians(settings.tiltYDegrees));
    const Matrix tilted = {cosY, 0, 0, -sinY * sinX, cosX, 0, -sinY * cosX / distance, -sinX / distance, 1};

    const double sine = std::sin(radians(settings.rotationDegrees));
    const double cosine = std::cos(radians(settings.rotationDegrees));
    const Matrix placed = {cosine, -sine,  settings.width / 2.0 + settings.offsetX,
                           sine,   cosine, settings.height / 2.0 + settings.offsetY,
                           0,      0,      1};
    return times(placed, times(tilted, centred));
}

qr::Point View::toFrame(double column, double row) const {
    const auto& m = toFrame_;
    const double depth = m[6] * column + m[7] * row + m[8];
    return {static_cast<float>((m[0] * column + m[1] * row + m[2]) / depth),
            static_cast<float>((m[3] * column + m[4] * row + m[5]) / depth)};
}

View::Spot View::toSymbol(float x, float y) const {
    const auto& m = toSymbol_;
    const float share = 1.0F / (m[6] * x + m[7] * y + m[8]);
    const float column = (m[0] * x + m[1] * y + m[2]) * share;
    const float row = (m[3] * x + m[4] * y + m[5]) * share;
    return {column,
            row,
            (m[0] - column * m[6]) * share,
            (m[3] - row * m[6]) * share,
            (m[1] - column * m[7]) * share,
            (m[4] - row * m[7]) * share};
}

std::array<qr::Point, 4> View::corners() const {
    const double low = quietZone;
    const double high = side_ - quietZone;
    return {toFrame(low, low), toFrame(high, low), toFrame(high, high), toFrame(low, high)};
}

bool View::inFrame() const {
    return std::ranges::all_of(corners(), [this](const qr::Point& corner) {
        return corner.x >= 0 && corner.y >= 0 && corner.x <= static_cast<float>(width_) &&
               corner.y <= static_cast<float>(height_);
    });
}

} // namespace ykt::sim
