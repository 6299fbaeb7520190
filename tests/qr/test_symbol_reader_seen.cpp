// What stands between a symbol and its bytes: how it is held, shown, lit and seen.
#include "tests/qr/symbol_pictures.h"

#include <catch2/catch.hpp>
#include <functional>

using namespace ykt;
using namespace ykt::test;

namespace {

using Change = std::function<void(sim::SceneSettings&)>;

// How many of the frames of a 332-byte code (a transit code) are read, each by a reader without a past.
int readOf(int frames, sim::Preset preset, double pixelsPerModule, const Change& change = {}) {
    int read = 0;
    for (int i = 0; i < frames; ++i) {
        const auto seed = static_cast<std::uint64_t>(2'000'000 + i);
        auto settings = sim::sceneOf(preset, seed);
        settings.pixelsPerModule = pixelsPerModule;
        if (change)
            change(settings);
        const auto payload = randomPayload(332, seed);
        read += readOne(photographed(payload, settings)) == payload ? 1 : 0;
    }
    return read;
}

} // namespace

TEST_CASE("symbols at any rotation") {
    for (int degrees = 0; degrees < 360; degrees += 29) {
        sim::SceneSettings settings;
        settings.rotationDegrees = degrees;
        const auto payload = randomPayload(100, 7);
        INFO(degrees << " degrees");
        CHECK(readOne(photographed(payload, settings)) == payload);
    }
}

TEST_CASE("dark mode") {
    CHECK(readOf(3, sim::Preset::camera, 2.0, [](auto& scene) { scene.inverted = true; }) == 3);
    auto image = *sim::renderSymbol(randomPayload(100, 1), 24); // modules too large for the finder
    for (auto& luma : image.luma)
        luma = static_cast<std::uint8_t>(~luma);
    CHECK(readOne(image) == randomPayload(100, 1));
}

TEST_CASE("seen in a mirror") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) { scene.mirrored = true; }) == 3);
}

TEST_CASE("tilted by 35 degrees") {
    CHECK(readOf(3, sim::Preset::camera, 4.0, [](auto& scene) { scene.tiltYDegrees = 35.0; }) == 3);
}

TEST_CASE("a screen dimmed by half, and light that is lost across it") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) {
              scene.dimming = 0.5;
              scene.gradient = 0.6;
          }) == 3);
}

TEST_CASE("a reflection on the screen") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) {
              scene.glareArea = 0.05;
              scene.glareStrength = 120.0;
          }) == 3);
}

TEST_CASE("moire and banding of the screen") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) { scene.moireDepth = 0.3; }) == 3);
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) { scene.bandingDepth = 0.4; }) == 3);
}

TEST_CASE("moved by 3 pixels during the exposure") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) {
              scene.motionLength = 3.0;
              scene.motionDegrees = 30.0;
          }) == 3);
}

TEST_CASE("dirt within what error correction repairs") {
    CHECK(readOf(3, sim::Preset::camera, 4.0, [](auto& scene) { scene.dirtArea = 0.03; }) == 3);
}

TEST_CASE("frames compressed by the camera") {
    CHECK(readOf(3, sim::Preset::camera, 3.0, [](auto& scene) { scene.jpegQuality = 60; }) == 3);
}

TEST_CASE("what was gained at few pixels a module stays") {
    CHECK(readOf(10, sim::Preset::camera, 1.6) >= 8);
    CHECK(readOf(10, sim::Preset::camera, 2.0) >= 9);
    CHECK(readOf(10, sim::Preset::camera, 2.5) == 10);
    CHECK(readOf(10, sim::Preset::hard, 4.0) == 10);
}
