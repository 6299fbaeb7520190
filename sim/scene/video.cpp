#include "sim/scene/video.h"

#include "sim/scene/chance.h"
#include "sim/scene/symbol.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ykt::sim {
namespace {

constexpr double turn = 2.0 * std::numbers::pi;
constexpr double symbolMillimetres = 40.0;
constexpr double driftMillimetres = 3.0;
constexpr double driftDegrees = 3.0;
constexpr double tremorMillimetres = 0.2;
constexpr double exposureSeconds = 0.010;
constexpr double focusSeconds = 0.15;

} // namespace

Presentation::Presentation(Image symbol, SceneSettings settings)
    : symbol_(std::move(symbol)), settings_(settings),
      pixelsPerMillimetre_(settings.pixelsPerModule * (symbol_.width - 2 * quietZone) / symbolMillimetres) {
    Chance chance(settings.seed, Chance::Stream::motion);
    const int side = chance.below(3); // left, right, below
    entryX_ = side == 0 ? -0.8 * settings.width : side == 1 ? 0.8 * settings.width : 0.0;
    entryY_ = side == 2 ? 0.9 * settings.height : 0.0;
    driftHz_ = chance.between(0.4, 1.0);
    driftPhase_ = chance.between(0.0, turn);
    tremorHz_ = chance.between(8.0, 12.0);
    tremorPhase_ = chance.between(0.0, turn);
    defocus_ = chance.between(1.0, 2.0);
}

// The way in is a parabola: the speed falls evenly to nothing.
Presentation::Pose Presentation::poseAt(double seconds) const {
    const double left = std::max(0.0, 1.0 - seconds * framesPerSecond / framesToHold);
    const double drift = turn * driftHz_ * seconds + driftPhase_;
    const double tremor = turn * tremorHz_ * seconds + tremorPhase_;
    const double x = driftMillimetres * std::sin(drift) + tremorMillimetres * std::sin(tremor);
    const double y = driftMillimetres * std::sin(0.7 * drift) + tremorMillimetres * std::cos(tremor);
    return {entryX_ * left * left + x * pixelsPerMillimetre_,
            entryY_ * left * left + y * pixelsPerMillimetre_, driftDegrees * std::sin(0.6 * drift)};
}

SceneSettings Presentation::at(int number) const {
    const double seconds = static_cast<double>(number) / framesPerSecond;
    const auto pose = poseAt(seconds);
    const auto opened = poseAt(seconds - exposureSeconds / 2.0);
    const auto closed = poseAt(seconds + exposureSeconds / 2.0);
    auto settings = settings_;
    settings.offsetX += pose.x;
    settings.offsetY += pose.y;
    settings.rotationDegrees += pose.degrees;
    settings.motionLength = std::hypot(closed.x - opened.x, closed.y - opened.y);
    settings.motionDegrees = std::atan2(closed.y - opened.y, closed.x - opened.x) * 360.0 / turn;
    settings.blurSigma = std::hypot(settings.blurSigma, defocus_ * std::exp(-seconds / focusSeconds));
    settings.noiseSeed = static_cast<std::uint64_t>(number) + 1;
    return settings;
}

Image Presentation::frame(int number) const {
    return photograph(symbol_, at(number));
}

} // namespace ykt::sim
