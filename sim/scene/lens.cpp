#include "sim/scene/lens.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace ykt::sim {
namespace {

// Weights of the neighbours of a pixel, at (right, down).
using Kernel = std::map<std::pair<int, int>, double>;

Kernel gaussian(double sigma, bool down) {
    const int radius = static_cast<int>(std::ceil(3.0 * sigma));
    Kernel kernel;
    double sum = 0.0;
    for (int i = -radius; i <= radius; ++i)
        sum += kernel[down ? std::pair{0, i} : std::pair{i, 0}] = std::exp(-i * i / (2.0 * sigma * sigma));
    for (auto& [at, weight] : kernel)
        weight /= sum;
    return kernel;
}

// A line through the pixel, in small steps that are shared out between the four pixels around them.
Kernel line(double length, double degrees) {
    const double cosine = std::cos(degrees * std::numbers::pi / 180.0);
    const double sine = std::sin(degrees * std::numbers::pi / 180.0);
    const int steps = static_cast<int>(std::ceil(length * 8.0));
    Kernel kernel;
    for (int i = 0; i < steps; ++i) {
        const double along = length * ((i + 0.5) / steps - 0.5);
        const double x = along * cosine;
        const double y = along * sine;
        const int left = static_cast<int>(std::floor(x));
        const int top = static_cast<int>(std::floor(y));
        const double right = x - left;
        const double down = y - top;
        kernel[{left, top}] += (1.0 - right) * (1.0 - down) / steps;
        kernel[{left + 1, top}] += right * (1.0 - down) / steps;
        kernel[{left, top + 1}] += (1.0 - right) * down / steps;
        kernel[{left + 1, top + 1}] += right * down / steps;
    }
    return kernel;
}

Plane padded(const Plane& plane, int margin) {
    Plane out(plane.width + 2 * margin, plane.height + 2 * margin);
    for (int y = 0; y < out.height; ++y) {
        const float* from = plane.row(std::clamp(y - margin, 0, plane.height - 1));
        float* to = out.row(y);
        std::fill_n(to, margin, from[0]);
        std::copy_n(from, plane.width, to + margin);
        std::fill_n(to + margin + plane.width, margin, from[plane.width - 1]);
    }
    return out;
}

void addScaled(float* to, const float* from, float weight, int count) {
    for (int i = 0; i < count; ++i)
        to[i] += weight * from[i];
}

void convolve(Plane& plane, const Kernel& kernel) {
    int margin = 0;
    for (const auto& [at, weight] : kernel)
        margin = std::max({margin, std::abs(at.first), std::abs(at.second)});
    const Plane from = padded(plane, margin);
    for (int y = 0; y < plane.height; ++y) {
        float* to = plane.row(y);
        std::fill_n(to, plane.width, 0.0F);
        for (const auto& [at, weight] : kernel)
            addScaled(to, from.row(y + margin + at.second) + margin + at.first, static_cast<float>(weight),
                      plane.width);
    }
}

} // namespace

void blur(Plane& plane, const SceneSettings& settings) {
    if (settings.blurSigma > 0.0) {
        convolve(plane, gaussian(settings.blurSigma, false));
        convolve(plane, gaussian(settings.blurSigma, true));
    }
    if (settings.motionLength > 0.0)
        convolve(plane, line(settings.motionLength, settings.motionDegrees));
}

} // namespace ykt::sim
