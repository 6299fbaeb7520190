#include "sim/scene/background.h"

#include "sim/scene/chance.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ykt::sim {
namespace {

constexpr float darkLuma = 14.0F; // of a room without light

float middleOf(const SceneSettings& settings) {
    return static_cast<float>((settings.dark + settings.light) / 2.0);
}

void fill(Plane& plane, int left, int top, int width, int height, float luma) {
    const int from = std::clamp(left, 0, plane.width);
    const int to = std::clamp(left + width, 0, plane.width);
    for (int y = std::max(top, 0); y < std::min(top + height, plane.height); ++y)
        std::fill(plane.row(y) + from, plane.row(y) + to, luma);
}

// Smooth random texture: random values on a lattice, linear between them.
void addTexture(Plane& plane, Chance& chance, int cell, float amplitude) {
    const int columns = plane.width / cell + 2;
    const int rows = plane.height / cell + 2;
    std::vector<float> nodes(static_cast<std::size_t>(columns * rows));
    for (auto& node : nodes)
        node = amplitude * static_cast<float>(chance.between(-1.0, 1.0));
    std::vector<float> line(static_cast<std::size_t>(columns));
    const float step = 1.0F / static_cast<float>(cell);
    for (int y = 0; y < plane.height; ++y) {
        const float* upper = nodes.data() + static_cast<std::ptrdiff_t>(y / cell) * columns;
        const float fraction = static_cast<float>(y % cell) * step;
        for (int i = 0; i < columns; ++i)
            line[static_cast<std::size_t>(i)] = upper[i] + fraction * (upper[i + columns] - upper[i]);
        float* out = plane.row(y);
        for (int column = 0; column < columns - 1; ++column) {
            const float first = line[static_cast<std::size_t>(column)];
            const float slope = (line[static_cast<std::size_t>(column) + 1] - first) * step;
            const int begin = column * cell;
            for (int x = begin; x < std::min(begin + cell, plane.width); ++x)
                out[x] += first + slope * static_cast<float>(x - begin);
        }
    }
}

// Discs and boxes of many sizes, each of one luma: the edges of a room.
void drawShapes(Plane& plane, const SceneSettings& settings, Chance& chance) {
    for (int i = 0; i < 14; ++i) {
        const int width = static_cast<int>(chance.between(0.04, 0.4) * plane.width);
        const int height = static_cast<int>(chance.between(0.04, 0.4) * plane.height);
        const int left = chance.below(plane.width) - width / 2;
        const int top = chance.below(plane.height) - height / 2;
        const auto luma =
            static_cast<float>(middleOf(settings) + settings.backgroundContrast * chance.between(-1.0, 1.0));
        if (chance.below(2) == 0) {
            fill(plane, left, top, width, height, luma);
            continue;
        }
        for (int y = 0; y < height; ++y) {
            const double across = 2.0 * (y + 0.5) / height - 1.0;
            const int half = static_cast<int>(width / 2.0 * std::sqrt(1.0 - across * across));
            fill(plane, left + width / 2 - half, top + y, 2 * half, 1, luma);
        }
    }
}

Plane drawPhoto(const SceneSettings& settings, Chance& chance) {
    Plane plane(settings.width, settings.height, middleOf(settings));
    drawShapes(plane, settings, chance);
    const auto contrast = static_cast<float>(settings.backgroundContrast);
    addTexture(plane, chance, 48, 0.5F * contrast);
    addTexture(plane, chance, 7, 0.3F * contrast);
    return plane;
}

// Signs of three by five strokes, some left out, on lines with gaps between words.
Plane drawText(const SceneSettings& settings, Chance& chance) {
    Plane plane(settings.width, settings.height, static_cast<float>(settings.light));
    const int stroke = 1 + chance.below(3);
    const auto ink = static_cast<float>(settings.dark);
    for (int top = stroke; top < plane.height; top += 8 * stroke)
        for (int left = stroke; left < plane.width; left += 4 * stroke) {
            if (chance.below(6) == 0)
                continue;
            const std::uint64_t strokes = chance.next();
            for (int i = 0; i < 15; ++i)
                if ((strokes >> i & 1) != 0)
                    fill(plane, left + i % 3 * stroke, top + i / 3 * stroke, stroke, stroke, ink);
        }
    return plane;
}

Plane drawModules(const SceneSettings& settings, Chance& chance) {
    Plane plane(settings.width, settings.height, static_cast<float>(settings.light));
    const int module = 2 + chance.below(4);
    for (int top = 0; top < plane.height; top += module)
        for (int left = 0; left < plane.width; left += module)
            if ((chance.next() & 1) != 0)
                fill(plane, left, top, module, module, static_cast<float>(settings.dark));
    return plane;
}

Plane drawFinders(const SceneSettings& settings, Chance& chance) {
    Plane plane(settings.width, settings.height, static_cast<float>(settings.light));
    for (int i = 0; i < 24; ++i) {
        const int module = 2 + chance.below(5);
        const int left = chance.below(plane.width);
        const int top = chance.below(plane.height);
        for (const int ring : {0, 1, 2, 3}) { // quiet zone, ring, gap, heart
            const int side = std::array{9, 7, 5, 3}[static_cast<std::size_t>(ring)] * module;
            const double luma = ring % 2 == 0 ? settings.light : settings.dark;
            fill(plane, left - side / 2, top - side / 2, side, side, static_cast<float>(luma));
        }
    }
    return plane;
}

} // namespace

Plane drawBackground(const SceneSettings& settings) {
    Chance chance(settings.seed, Chance::Stream::background);
    switch (settings.background) {
    case Background::photo:
        return drawPhoto(settings, chance);
    case Background::text:
        return drawText(settings, chance);
    case Background::modules:
        return drawModules(settings, chance);
    case Background::finders:
        return drawFinders(settings, chance);
    case Background::dark:
        return {settings.width, settings.height, darkLuma};
    case Background::flat:
        break;
    }
    return {settings.width, settings.height, middleOf(settings)};
}

} // namespace ykt::sim
