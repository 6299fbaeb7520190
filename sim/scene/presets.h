// Scenes by name, drawn from a seed: what tests, benchmarks and the demo mean by "camera".
#pragma once

#include "sim/scene/scene.h"

#include <array>
#include <optional>
#include <string_view>

namespace ykt::sim {

enum class Preset {
    clean,  // the symbol straight ahead, no blur, no noise, flat background
    camera, // turned up to 12 degrees, perspective up to 3 %, blur 0.7, noise 4, uneven light, photo behind
    hard,   // turned anyhow, perspective up to 10 %, blur 1.0, noise 8, glare, uneven light, photo behind
};
inline constexpr std::array presets = {Preset::clean, Preset::camera, Preset::hard};

[[nodiscard]] std::string_view nameOf(Preset preset);
[[nodiscard]] std::optional<Preset> presetNamed(std::string_view name);

// Frame size and pixels per module are left at their defaults. Perspective of a preset is how much larger
// than its centre the symbol's nearest edge looks.
SceneSettings sceneOf(Preset preset, std::uint64_t seed);

// A frame without a code: to be photographed with an empty image.
inline constexpr std::array backgrounds = {Background::flat, Background::photo,   Background::text,
                                           Background::dark, Background::modules, Background::finders};
[[nodiscard]] std::string_view nameOf(Background background);
SceneSettings emptyScene(Background background, std::uint64_t seed);

} // namespace ykt::sim
