#include "sim/scene/presets.h"

#include "sim/scene/chance.h"

#include <algorithm>

namespace ykt::sim {
namespace {

SceneSettings clean(Chance& chance) {
    SceneSettings settings;
    settings.rotationDegrees = 0.0;
    settings.tiltYDegrees = 0.0;
    settings.offsetX = chance.between(-20.0, 20.0);
    settings.offsetY = chance.between(-10.0, 10.0);
    settings.gradient = 0.0;
    settings.blurSigma = 0.0;
    settings.noiseSigma = 0.0;
    settings.background = Background::flat;
    return settings;
}

// At 2.5 widths of the symbol, a tilt makes the near edge larger by 0.2 of its sine.
SceneSettings camera(Chance& chance) {
    SceneSettings settings;
    settings.rotationDegrees = chance.between(-12.0, 12.0);
    settings.tiltXDegrees = chance.between(-8.6, 8.6);
    settings.tiltYDegrees = chance.between(-8.6, 8.6);
    settings.offsetX = chance.between(-20.0, 20.0);
    settings.offsetY = chance.between(-10.0, 10.0);
    settings.dark = chance.between(35.0, 60.0);
    settings.light = chance.between(185.0, 220.0);
    settings.gradient = chance.between(0.1, 0.35);
    settings.gradientDegrees = chance.between(0.0, 360.0);
    settings.blurSigma = 0.7;
    settings.noiseSigma = 4.0;
    return settings;
}

SceneSettings hard(Chance& chance) {
    auto settings = camera(chance);
    settings.rotationDegrees = chance.between(0.0, 360.0);
    settings.tiltXDegrees = chance.between(-30.0, 30.0);
    settings.tiltYDegrees = chance.between(-30.0, 30.0);
    settings.offsetX = chance.between(-4.0, 4.0);
    settings.offsetY = chance.between(-4.0, 4.0);
    settings.glareArea = chance.between(0.02, 0.06);
    settings.glareStrength = chance.between(60.0, 140.0);
    settings.blurSigma = 1.0;
    settings.noiseSigma = 8.0;
    return settings;
}

} // namespace

std::string_view nameOf(Preset preset) {
    switch (preset) {
    case Preset::clean:
        return "clean";
    case Preset::camera:
        return "camera";
    case Preset::hard:
        break;
    }
    return "hard";
}

std::optional<Preset> presetNamed(std::string_view name) {
    const auto* found = std::ranges::find_if(presets, [&](Preset preset) { return nameOf(preset) == name; });
    return found == presets.end() ? std::nullopt : std::optional(*found);
}

SceneSettings sceneOf(Preset preset, std::uint64_t seed) {
    Chance chance(seed, Chance::Stream::settings);
    auto settings = preset == Preset::clean    ? clean(chance)
                    : preset == Preset::camera ? camera(chance)
                                               : hard(chance);
    settings.seed = seed;
    return settings;
}

std::string_view nameOf(Background background) {
    switch (background) {
    case Background::flat:
        return "flat";
    case Background::photo:
        return "photo";
    case Background::text:
        return "text";
    case Background::dark:
        return "dark";
    case Background::modules:
        return "modules";
    case Background::finders:
        break;
    }
    return "finders";
}

SceneSettings emptyScene(Background background, std::uint64_t seed) {
    Chance chance(seed, Chance::Stream::settings);
    auto settings = camera(chance);
    settings.seed = seed;
    settings.background = background;
    if (background == Background::dark)
        settings.gainDb = chance.between(6.0, 12.0); // exposure control asks for all that there is
    return settings;
}

SceneSettings handHeld(std::uint64_t seed) {
    Chance chance(seed, Chance::Stream::motion);
    auto settings = sceneOf(Preset::camera, seed);
    settings.offsetX = chance.between(-60.0, 60.0);
    settings.offsetY = chance.between(-30.0, 30.0);
    return settings;
}

} // namespace ykt::sim
