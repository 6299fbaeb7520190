#include "bench/qr/sweep.h"

#include "bench/qr/thread_time.h"
#include "sim/scene/chance.h"
#include "sim/scene/symbol.h"
#include "sim/scene/view.h"

#include <fmt/format.h>

namespace ykt::bench {
namespace {

using sim::Preset;
using sim::SceneSettings;

constexpr std::uint64_t symbols = 40; // different ones of each size

const std::vector<std::pair<std::string, std::function<void(SceneSettings&)>>>& effects() {
    static const std::vector<std::pair<std::string, std::function<void(SceneSettings&)>>> all = {
        {"none", [](SceneSettings&) {}},
        {"motion blur 2 px", [](SceneSettings& s) { s.motionLength = 2, s.motionDegrees = 20; }},
        {"motion blur 3 px", [](SceneSettings& s) { s.motionLength = 3, s.motionDegrees = 70; }},
        {"dark mode", [](SceneSettings& s) { s.inverted = true; }},
        {"mirrored", [](SceneSettings& s) { s.mirrored = true; }},
        {"turned by 45 degrees", [](SceneSettings& s) { s.rotationDegrees += 45; }},
        {"tilted by 35 degrees", [](SceneSettings& s) { s.tiltYDegrees = 35; }},
        {"contrast down by 60 %", [](SceneSettings& s) { s.dimming = 0.6; }},
        {"contrast down by 80 %", [](SceneSettings& s) { s.dimming = 0.8; }},
        {"gradient 70 %", [](SceneSettings& s) { s.gradient = 0.7; }},
        {"gain 9 dB", [](SceneSettings& s) { s.gainDb = 9; }},
        {"moire 40 %", [](SceneSettings& s) { s.moireDepth = 0.4; }},
        {"banding 50 %", [](SceneSettings& s) { s.bandingDepth = 0.5; }},
        {"glare on 5 %, 120 steps", [](SceneSettings& s) { s.glareArea = 0.05, s.glareStrength = 120; }},
        {"dirt on 3 %", [](SceneSettings& s) { s.dirtArea = 0.03; }},
        {"dirt on 6 %", [](SceneSettings& s) { s.dirtArea = 0.06; }},
        {"JPEG quality 40", [](SceneSettings& s) { s.jpegQuality = 40; }},
    };
    return all;
}

std::string nameOfSize(int width, int height) {
    return fmt::format("{}x{}", width, height);
}

void addModuleSizes(std::vector<Point>& points, int width, int height) {
    for (const double pixels : {1.6, 1.8, 2.0, 2.25, 2.5, 3.0, 4.0, 5.0, 7.0})
        if (pixels < 7.0 || height >= 720) // the frame has no room for more
            points.push_back({.group = "module size " + nameOfSize(width, height),
                              .label = fmt::format("{} px", pixels),
                              .value = pixels,
                              .width = width,
                              .height = height,
                              .pixels = pixels});
}

void addPresets(std::vector<Point>& points, int width, int height) {
    const auto add = [&](Preset preset, std::size_t payload, double pixels) {
        points.push_back({.group = fmt::format("{} {}", nameOf(preset), nameOfSize(width, height)),
                          .label = fmt::format("{} bytes, {} px", payload, pixels),
                          .value = pixels,
                          .width = width,
                          .height = height,
                          .payload = payload,
                          .pixels = pixels,
                          .preset = preset});
    };
    for (const std::size_t payload : {100, 271, 332, 400})
        add(Preset::clean, payload, 4.0);
    for (const std::size_t payload : {100, 271, 332})
        for (const double pixels : {2.0, 2.5, 4.0})
            add(Preset::camera, payload, pixels);
    for (const std::size_t payload : {100, 271, 332, 400})
        add(Preset::hard, payload, 4.0);
    for (const double pixels : {2.5, 3.0})
        add(Preset::hard, 400, pixels);
}

SceneSettings settingsOf(const Point& point, std::uint64_t seed) {
    auto settings = sceneOf(point.preset, seed);
    settings.width = point.width;
    settings.height = point.height;
    settings.pixelsPerModule = point.pixels;
    if (point.effect)
        point.effect(settings);
    return settings;
}

// The scene of the seed or, where the symbol would not be in the frame, of the next seed that goes.
SceneSettings sceneInFrame(const Point& point, const sim::Image& symbol, std::uint64_t seed) {
    constexpr std::uint64_t apart = 100'000;
    auto settings = settingsOf(point, seed);
    while (!sim::View(symbol, settings).inFrame())
        settings = settingsOf(point, seed += apart);
    return settings;
}

} // namespace

std::vector<Point> pointsOfSweep() {
    std::vector<Point> points;
    addModuleSizes(points, 640, 480);
    for (const double sigma : {0.0, 0.4, 0.7, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0})
        points.push_back({.group = "blur",
                          .label = fmt::format("sigma {} px", sigma),
                          .value = sigma,
                          .effect = [sigma](SceneSettings& s) { s.blurSigma = sigma; }});
    for (const auto& [label, effect] : effects())
        points.push_back({.group = "effects", .label = label, .effect = effect});
    addPresets(points, 640, 480);
    addModuleSizes(points, 1280, 720);
    addPresets(points, 1280, 720);
    return points;
}

const Shown& shownAt(std::size_t payload, std::uint64_t number) {
    static std::map<std::pair<std::size_t, std::uint64_t>, Shown> made;
    auto& shown = made[{payload, number % symbols}];
    if (shown.payload.empty()) {
        sim::Chance chance(payload * symbols + number % symbols, sim::Chance::Stream::settings);
        shown.payload.resize(payload);
        for (auto& byte : shown.payload)
            byte = static_cast<std::uint8_t>(chance.next());
        shown.symbol = *sim::renderSymbol(shown.payload, 1);
    }
    return shown;
}

Verdict judge(const std::vector<Bytes>& read, const Bytes& payload) {
    if (read.empty())
        return Verdict::missed;
    const bool exact = std::ranges::all_of(read, [&](const Bytes& each) { return each == payload; });
    return exact ? Verdict::exact : Verdict::wrong;
}

Measured measure(const Point& point, int frames, const std::vector<EngineEntry>& engines) {
    Measured measured{point, {}};
    for (int i = 0; i < frames; ++i) {
        const auto& shown = shownAt(point.payload, static_cast<std::uint64_t>(i));
        const auto image =
            photograph(shown.symbol, sceneInFrame(point, shown.symbol, static_cast<std::uint64_t>(i) + 1));
        for (const auto& entry : engines) {
            auto& tally = measured.tallies[entry.name];
            if (i % entry.every != 0) {
                tally.verdicts.push_back(Verdict::not_asked);
                continue;
            }
            entry.engine->begin();
            std::vector<Bytes> read;
            tally.ms.push_back(millisecondsOf([&] { read = entry.engine->read(image.frame()); }));
            tally.verdicts.push_back(judge(read, shown.payload));
        }
    }
    return measured;
}

} // namespace ykt::bench
