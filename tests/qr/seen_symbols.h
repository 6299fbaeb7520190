// Symbols in front of the simulated camera, with what is known of them.
#pragma once

#include "qr/symbol_finder.h"
#include "sim/scene/presets.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"
#include "sim/scene/view.h"

#include <algorithm>
#include <cmath>
#include <random>

namespace ykt::test {

// The symbol with its quiet zone, one pixel a module.
inline sim::Image symbolOf(std::size_t payloadSize, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes payload(payloadSize);
    std::ranges::generate(payload, [&] { return static_cast<std::uint8_t>(random()); });
    return *sim::renderSymbol(payload, 1);
}

inline float apart(qr::Point a, qr::Point b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

// Where the middle of a finder pattern is: the module (3, 3) from the left or right, top or bottom.
inline qr::Point finderMiddle(const sim::Image& symbol, const sim::SceneSettings& scene, bool right,
                              bool lower) {
    constexpr double near = sim::quietZone + 3.5;
    const double far = symbol.width - near;
    return sim::View(symbol, scene).toFrame(right ? far : near, lower ? far : near);
}

// How far the worst of a place's three points is from the truth, pixels.
inline float worstPoint(const qr::SymbolPlace& place, const sim::Image& symbol,
                        const sim::SceneSettings& scene) {
    return std::max({apart(place.topLeft, finderMiddle(symbol, scene, false, false)),
                     apart(place.topRight, finderMiddle(symbol, scene, true, false)),
                     apart(place.bottomLeft, finderMiddle(symbol, scene, false, true))});
}

} // namespace ykt::test
