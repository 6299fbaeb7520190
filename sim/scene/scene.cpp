#include "sim/scene/scene.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <random>

namespace ykt::sim {
namespace {

// Luma in light units, before the sensor: may leave 0..255.
using Plane = std::vector<float>;

// Smooth random texture: random values on a lattice, linear between them.
class Texture {
  public:
    Texture(std::mt19937_64& random, int width, int height, int cell)
        : cell_(cell), columns_(width / cell + 2),
          values_(static_cast<std::size_t>(columns_ * (height / cell + 2))) {
        std::uniform_real_distribution<float> value(-1.0F, 1.0F);
        for (auto& each : values_)
            each = value(random);
    }
    [[nodiscard]] float at(int x, int y) const {
        const int column = x / cell_;
        const int row = y / cell_;
        const auto fx = static_cast<float>(x % cell_) / static_cast<float>(cell_);
        const auto fy = static_cast<float>(y % cell_) / static_cast<float>(cell_);
        return std::lerp(std::lerp(node(column, row), node(column + 1, row), fx),
                         std::lerp(node(column, row + 1), node(column + 1, row + 1), fx), fy);
    }

  private:
    [[nodiscard]] float node(int column, int row) const {
        return values_[static_cast<std::size_t>(row * columns_ + column)];
    }
    int cell_;
    int columns_;
    std::vector<float> values_;
};

// Where a point of the frame lies on the symbol: rotation, then a perspective along the symbol's x axis.
class View {
  public:
    View(const Image& symbol, const SceneSettings& settings)
        : symbol_(symbol), settings_(settings),
          cosine_(std::cos(settings.rotationDegrees * std::numbers::pi / 180.0)),
          sine_(std::sin(settings.rotationDegrees * std::numbers::pi / 180.0)) {}

    // The share of light modules within the pixel, over a grid of 3 by 3 points. nullopt: beside the symbol.
    [[nodiscard]] std::optional<double> lightAt(int x, int y) const {
        constexpr int points = 3;
        int light = 0;
        for (int i = 0; i < points * points; ++i) {
            const int row = i / points;
            const int column = i % points;
            const auto module = moduleAt(x + (column + 0.5) / points, y + (row + 0.5) / points);
            if (!module)
                return std::nullopt;
            light += *module >= 128 ? 1 : 0;
        }
        return static_cast<double>(light) / (points * points);
    }

  private:
    [[nodiscard]] std::optional<std::uint8_t> moduleAt(double x, double y) const {
        const double dx = x - settings_.width / 2.0 - settings_.offsetX;
        const double dy = y - settings_.height / 2.0 - settings_.offsetY;
        const double along = cosine_ * dx + sine_ * dy;
        const double across = cosine_ * dy - sine_ * dx;
        const double tilt = symbol_.width > 0 ? 2.0 * settings_.perspective / symbol_.width : 0.0;
        const double column = along / (settings_.pixelsPerModule + along * tilt);
        const double row = across * (1.0 - column * tilt) / settings_.pixelsPerModule;
        const int left = static_cast<int>(std::floor(column + symbol_.width / 2.0));
        const int top = static_cast<int>(std::floor(row + symbol_.height / 2.0));
        if (left < 0 || top < 0 || left >= symbol_.width || top >= symbol_.height)
            return std::nullopt;
        return symbol_.luma[static_cast<std::size_t>(top * symbol_.width + left)];
    }

    const Image& symbol_;
    const SceneSettings& settings_;
    double cosine_;
    double sine_;
};

Plane draw(const Image& symbol, const SceneSettings& settings, std::mt19937_64& random) {
    const Texture coarse(random, settings.width, settings.height, 48);
    const Texture fine(random, settings.width, settings.height, 7);
    const View view(symbol, settings);
    const double middle = (settings.dark + settings.light) / 2.0;
    Plane plane;
    plane.reserve(static_cast<std::size_t>(settings.width) * static_cast<std::size_t>(settings.height));
    for (int y = 0; y < settings.height; ++y)
        for (int x = 0; x < settings.width; ++x) {
            double luma =
                middle + settings.backgroundContrast * (0.7 * coarse.at(x, y) + 0.3 * fine.at(x, y));
            if (const auto light = view.lightAt(x, y))
                luma = std::lerp(settings.dark, settings.light, *light);
            plane.push_back(static_cast<float>(luma * (1.0 - settings.gradient * x / settings.width)));
        }
    return plane;
}

std::vector<float> gaussian(double sigma) {
    const int radius = static_cast<int>(std::ceil(3.0 * sigma));
    std::vector<float> kernel;
    float sum = 0.0F;
    for (int i = -radius; i <= radius; ++i) {
        kernel.push_back(static_cast<float>(std::exp(-i * i / (2.0 * sigma * sigma))));
        sum += kernel.back();
    }
    for (auto& weight : kernel)
        weight /= sum;
    return kernel;
}

// One direction of a separable blur over `count` values that are `step` apart; edges repeat.
void blurLine(float* line, int count, int step, const std::vector<float>& kernel, std::vector<float>& copy) {
    copy.resize(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i)
        copy[static_cast<std::size_t>(i)] = line[i * step];
    const int radius = static_cast<int>(kernel.size() / 2);
    for (int i = 0; i < count; ++i) {
        float sum = 0.0F;
        for (int k = -radius; k <= radius; ++k)
            sum += kernel[static_cast<std::size_t>(k + radius)] *
                   copy[static_cast<std::size_t>(std::clamp(i + k, 0, count - 1))];
        line[i * step] = sum;
    }
}

void blur(Plane& plane, const SceneSettings& settings) {
    if (settings.blurSigma <= 0.0)
        return;
    const auto kernel = gaussian(settings.blurSigma);
    std::vector<float> copy;
    for (int y = 0; y < settings.height; ++y)
        blurLine(plane.data() + y * settings.width, settings.width, 1, kernel, copy);
    for (int x = 0; x < settings.width; ++x)
        blurLine(plane.data() + x, settings.height, settings.width, kernel, copy);
}

Bytes expose(const Plane& plane, double noiseSigma, std::mt19937_64& random) {
    std::normal_distribution<float> noise(0.0F, 1.0F);
    Bytes luma;
    luma.reserve(plane.size());
    for (const float value : plane) {
        const float seen = value + static_cast<float>(noiseSigma) * noise(random);
        luma.push_back(static_cast<std::uint8_t>(std::clamp(std::lround(seen), 0L, 255L)));
    }
    return luma;
}

} // namespace

Image photograph(const Image& symbol, const SceneSettings& settings) {
    std::mt19937_64 random(settings.seed);
    auto plane = draw(symbol, settings, random);
    blur(plane, settings);
    return {settings.width, settings.height, expose(plane, settings.noiseSigma, random)};
}

SceneSettings handHeld(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto between = [&random](double low, double high) {
        return std::uniform_real_distribution<double>(low, high)(random);
    };
    SceneSettings settings;
    settings.seed = seed;
    settings.rotationDegrees = between(-12.0, 12.0);
    settings.perspective = between(0.0, 0.05);
    settings.offsetX = between(-60.0, 60.0);
    settings.offsetY = between(-30.0, 30.0);
    settings.gradient = between(0.0, 0.35);
    return settings;
}

} // namespace ykt::sim
