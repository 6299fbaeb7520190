#include "sim/scene/presets.h"
#include "sim/scene/screen.h"
#include "sim/scene/symbol.h"
#include "sim/scene/video.h"
#include "sim/scene/view.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <set>

using namespace ykt;
using sim::Image;
using sim::SceneSettings;

namespace {

const Image symbol = *sim::renderSymbol(Bytes(100, 0x5A), 1);

// Left half dark, right half light: the edge lies in the frame's middle.
Image halves() {
    constexpr int side = 60;
    Image image{side, side, Bytes(side * side, 255)};
    for (int y = 0; y < side; ++y)
        std::fill_n(image.luma.begin() + y * side, side / 2, std::uint8_t{0});
    return image;
}

// Nothing but the symbol, straight ahead.
SceneSettings plain() {
    auto settings = sceneOf(sim::Preset::clean, 1);
    settings.offsetX = settings.offsetY = 0.0;
    return settings;
}

int at(const Image& image, int x, int y) {
    return image.luma[static_cast<std::size_t>(y * image.width + x)];
}

double meanOf(const Image& image, int left, int top, int width, int height) {
    double sum = 0.0;
    for (int y = top; y < top + height; ++y)
        for (int x = left; x < left + width; ++x)
            sum += at(image, x, y);
    return sum / (width * height);
}

double deviationOf(const Image& image) {
    const double mean = meanOf(image, 0, 0, image.width, image.height);
    double square = 0.0;
    for (const auto value : image.luma)
        square += (value - mean) * (value - mean);
    return std::sqrt(square / static_cast<double>(image.luma.size()));
}

// The variance, in square pixels, of what spreads the edge of halves(): 0 for an edge between two pixels.
double spreadOf(const SceneSettings& settings) {
    const auto image = photograph(halves(), settings);
    double sum = 0.0;
    double mean = 0.0;
    double square = 0.0;
    for (int x = 320 - 40; x < 320 + 40; ++x)
        for (int y = 200; y < 280; ++y) {
            const double step = at(image, x + 1, y) - at(image, x, y);
            sum += step;
            mean += step * x;
            square += step * x * x;
        }
    return square / sum - mean / sum * (mean / sum);
}

double between(const qr::Point& a, const qr::Point& b) {
    return std::hypot(a.x - b.x, a.y - b.y);
}

} // namespace

TEST_CASE("a module has the pixels that were asked for") {
    for (const double pixels : {2.0, 3.5, 6.0}) {
        auto settings = plain();
        settings.pixelsPerModule = pixels;
        const auto corners = sim::View(symbol, settings).corners();
        const int modules = symbol.width - 2 * sim::quietZone;
        CHECK(between(corners[0], corners[1]) == Approx(modules * pixels));

        const auto image = photograph(symbol, settings);
        const int y = static_cast<int>(corners[0].y + 0.5 * pixels); // the upper side of a finder pattern
        double dark = 0.0;
        for (int x = 0; x < static_cast<int>(corners[0].x + 7.6 * pixels); ++x)
            if (x >= static_cast<int>(corners[0].x - pixels))
                dark += (settings.light - at(image, x, y)) / (settings.light - settings.dark);
        CHECK(dark == Approx(7 * pixels).margin(0.25)); // nine points tell what of a pixel is dark
    }
}

TEST_CASE("rotation is clockwise, and tilt brings an edge nearer") {
    auto settings = plain();
    settings.rotationDegrees = 30.0;
    const auto turned = sim::View(symbol, settings).corners();
    const double angle = std::atan2(turned[1].y - turned[0].y, turned[1].x - turned[0].x);
    CHECK(angle * 180.0 / std::numbers::pi == Approx(30.0));

    settings = plain();
    settings.tiltYDegrees = 20.0;
    const sim::View tilted(symbol, settings);
    const double side = symbol.width;
    const double depth = std::sin(20.0 * std::numbers::pi / 180.0) / 2.0 / settings.distance; // of the edge
    const double flat = side * settings.pixelsPerModule;
    CHECK(between(tilted.toFrame(side, 0), tilted.toFrame(side, side)) == Approx(flat / (1.0 - depth)));
    CHECK(between(tilted.toFrame(0, 0), tilted.toFrame(0, side)) == Approx(flat / (1.0 + depth)));

    settings = plain();
    settings.tiltXDegrees = 20.0;
    const sim::View nodded(symbol, settings);
    CHECK(between(nodded.toFrame(0, side), nodded.toFrame(side, side)) == Approx(flat / (1.0 - depth)));
}

TEST_CASE("what the view takes to the frame it brings back") {
    auto settings = sceneOf(sim::Preset::hard, 4);
    settings.mirrored = true;
    const sim::View view(symbol, settings);
    const auto point = view.toFrame(7.0, 21.0);
    const auto spot = view.toSymbol(point.x, point.y);
    CHECK(spot.column == Approx(7.0).margin(1e-3));
    CHECK(spot.row == Approx(21.0).margin(1e-3));
    const auto right = view.toSymbol(point.x + 0.1F, point.y);
    CHECK((right.column - spot.column) * 10 == Approx(spot.columnByX).margin(1e-3));
    CHECK((right.row - spot.row) * 10 == Approx(spot.rowByX).margin(1e-3));
}

TEST_CASE("mirrored and dark mode") {
    auto settings = plain();
    const auto straight = photograph(symbol, settings);
    settings.mirrored = true;
    const auto mirrored = photograph(symbol, settings);
    int different = 0;
    for (int y = 0; y < 480; ++y)
        for (int x = 0; x < 640; ++x)
            different += std::abs(at(mirrored, x, y) - at(straight, 639 - x, y)) > 1 ? 1 : 0;
    CHECK(different == 0);
    CHECK(mirrored.luma != straight.luma);

    settings = plain();
    settings.inverted = true;
    const auto inverted = photograph(symbol, settings);
    const auto corner = sim::View(symbol, settings).corners()[0];
    const int x = static_cast<int>(corner.x) + 2;
    const int y = static_cast<int>(corner.y) + 2;
    CHECK(at(straight, x, y) == 45);
    CHECK(at(inverted, x, y) == 205);
    CHECK(at(inverted, x - 8, y) == 45); // the quiet zone
}

TEST_CASE("defocus and motion spread an edge by what their units say") {
    auto settings = plain();
    CHECK(spreadOf(settings) == Approx(0.0).margin(0.01));
    for (const double sigma : {0.7, 1.0, 2.0}) {
        settings.blurSigma = sigma;
        CHECK(spreadOf(settings) == Approx(sigma * sigma).epsilon(0.03));
    }
    settings = plain();
    for (const double length : {2.0, 5.0, 9.5}) {
        settings.motionLength = length;
        settings.motionDegrees = 0.0;
        CHECK(spreadOf(settings) == Approx(length * length / 12.0).margin(0.26)); // and a pixel's own width
        settings.motionDegrees = 90.0;
        CHECK(spreadOf(settings) == Approx(0.0).margin(0.01));
        settings.motionDegrees = 60.0; // half of it goes across the edge
        CHECK(spreadOf(settings) == Approx(length * length / 48.0).margin(0.26));
    }
}

TEST_CASE("noise has its sigma, and 6 dB of gain double it") {
    auto settings = plain();
    settings.noiseSigma = 4.0;
    CHECK(deviationOf(photograph({}, settings)) == Approx(4.0).epsilon(0.02));
    settings.gainDb = 6.02;
    CHECK(deviationOf(photograph({}, settings)) == Approx(8.0).epsilon(0.02));
    settings.noiseSigma = 0.0;
    CHECK(deviationOf(photograph({}, settings)) == 0.0);
}

TEST_CASE("illuminance falls by the gradient, in its direction") {
    auto settings = plain();
    settings.gradient = 0.4;
    const auto right = photograph({}, settings);
    CHECK(meanOf(right, 639, 0, 1, 480) / meanOf(right, 0, 0, 1, 480) == Approx(0.6).margin(0.01));
    CHECK(meanOf(right, 0, 479, 640, 1) == Approx(meanOf(right, 0, 0, 640, 1)));
    settings.gradientDegrees = 90.0;
    const auto down = photograph({}, settings);
    CHECK(meanOf(down, 0, 479, 640, 1) / meanOf(down, 0, 0, 640, 1) == Approx(0.6).margin(0.01));
}

TEST_CASE("a dimmed screen has lost its share of contrast") {
    auto settings = plain();
    settings.dimming = 0.75;
    const auto [low, high] = std::ranges::minmax(photograph(halves(), settings).luma);
    CHECK(low == 45);
    CHECK(at(photograph(halves(), settings), 330, 240) == 85);
}

TEST_CASE("dirt covers its share of modules and no finder pattern") {
    auto settings = plain();
    const int side = symbol.width - 2 * sim::quietZone;
    for (const double area : {0.03, 0.2}) {
        settings.dirtArea = area;
        const auto soiled = sim::soiled(symbol, settings);
        int covered = 0;
        for (int y = 0; y < symbol.height; ++y)
            for (int x = 0; x < symbol.width; ++x) {
                const bool changed = at(soiled, x, y) != at(symbol, x, y);
                covered += changed ? 1 : 0;
                if (x < sim::quietZone + 8 && y < sim::quietZone + 8)
                    CHECK_FALSE(changed);
            }
        CHECK(covered == std::lround(area * side * side));
    }
}

TEST_CASE("glare has its area and its strength") {
    auto settings = plain();
    settings.dark = settings.light = 60.0;
    settings.glareArea = 0.05;
    settings.glareStrength = 150.0;
    const auto image = photograph(symbol, settings);
    const auto lit = std::ranges::count_if(image.luma, [](int luma) { return luma > 60 + 150 / 2.71828; });
    const double area = std::pow(symbol.width * settings.pixelsPerModule, 2.0);
    CHECK(static_cast<double>(lit) / area == Approx(0.05).epsilon(0.03));
    CHECK(*std::ranges::max_element(image.luma) == Approx(210).margin(2));
}

TEST_CASE("banding has its depth and its period, and stays on the screen") {
    auto settings = plain();
    settings.dark = settings.light = 200.0;
    settings.bandingDepth = 0.5;
    settings.bandingRows = 40.0;
    const auto image = photograph(halves(), settings);
    CHECK(meanOf(image, 0, 0, 100, 480) == 200.0);
    CHECK(deviationOf(photograph({}, settings)) == 0.0);
    const auto row = [&](int y) { return meanOf(image, 300, y, 40, 1); };
    double low = 255.0;
    double high = 0.0;
    for (int y = 200; y < 240; ++y) {
        low = std::min(low, row(y));
        high = std::max(high, row(y));
        CHECK(row(y) == Approx(row(y + 40)).margin(1.0));
    }
    CHECK(low == Approx(100.0).margin(1.0));
    CHECK(high == Approx(200.0).margin(1.0));
}

TEST_CASE("the screen's grid beats with the sensor's where their pitches are near each other") {
    auto settings = plain();
    settings.dark = settings.light = 200.0;
    settings.moireDepth = 0.4;
    settings.screenPixelsPerModule = 4.0 * 1.05; // 1.05 screen pixels a pixel: a beat of 20 pixels
    const auto image = photograph(halves(), settings);
    const auto column = [&](int x) { return meanOf(image, x, 200, 1, 80); };
    double low = 255.0;
    double high = 0.0;
    for (int x = 300; x < 340; ++x) {
        low = std::min(low, column(x));
        high = std::max(high, column(x));
        CHECK(column(x) == Approx(column(x + 20)).margin(2.0));
    }
    CHECK(high - low == Approx(0.5 * 0.4 * 200).margin(3.0)); // the other half of it lies across
}

TEST_CASE("JPEG of a lower quality takes more away") {
    auto settings = sceneOf(sim::Preset::camera, 3);
    const auto raw = photograph(symbol, settings);
    const auto lossOf = [&](int quality) {
        settings.jpegQuality = quality;
        const auto image = photograph(symbol, settings);
        return std::transform_reduce(raw.luma.begin(), raw.luma.end(), image.luma.begin(), 0.0, std::plus<>(),
                                     [](int a, int b) { return std::abs(a - b); });
    };
    CHECK(lossOf(95) > 0.0);
    CHECK(lossOf(30) > 2.0 * lossOf(95));
}

TEST_CASE("a seed decides a frame, and one effect leaves the others as they were") {
    auto settings = sceneOf(sim::Preset::hard, 5);
    settings.dirtArea = 0.05;
    const auto image = photograph(symbol, settings);
    CHECK(photograph(symbol, settings).luma == image.luma);
    CHECK(photograph(symbol, sceneOf(sim::Preset::hard, 6)).luma != image.luma);

    settings.glareArea = 0.0;
    settings.dirtArea = 0.0;
    const auto without = photograph(symbol, settings);
    CHECK(meanOf(without, 0, 0, 640, 40) == meanOf(image, 0, 0, 640, 40)); // noise and background
}

TEST_CASE("backgrounds differ, and frames without a symbol hold none") {
    std::set<Bytes> seen;
    for (const auto background : sim::backgrounds)
        seen.insert(photograph({}, sim::emptyScene(background, 1)).luma);
    CHECK(seen.size() == sim::backgrounds.size());
    const auto dark = photograph({}, sim::emptyScene(sim::Background::dark, 1));
    CHECK(meanOf(dark, 0, 0, 640, 480) < 20.0);
    CHECK(deviationOf(dark) > 4.0);
}

TEST_CASE("presets have names and keep to their limits") {
    for (const auto preset : sim::presets)
        CHECK(sim::presetNamed(nameOf(preset)) == preset);
    CHECK_FALSE(sim::presetNamed("softer"));
    double most = 0.0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const auto camera = sceneOf(sim::Preset::camera, seed);
        CHECK(std::abs(camera.rotationDegrees) <= 12.0);
        CHECK(std::max(std::abs(camera.tiltXDegrees), std::abs(camera.tiltYDegrees)) <= 8.6);
        most = std::max(most, sceneOf(sim::Preset::hard, seed).rotationDegrees);
    }
    CHECK(most > 300.0);
}

TEST_CASE("a hand brings the phone in, and then holds it, though never quite still") {
    auto settings = sceneOf(sim::Preset::camera, 1);
    settings.pixelsPerModule = 2.0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        settings.seed = seed;
        const sim::Presentation presentation(symbol, settings);
        CHECK_FALSE(sim::View(symbol, presentation.at(0)).inFrame());
        CHECK(presentation.at(1).motionLength > 5.0);
        CHECK(presentation.at(0).blurSigma > 1.2);
        for (int i = sim::Presentation::framesToHold; i < sim::Presentation::framesToHold + 30; ++i) {
            const auto scene = presentation.at(i);
            CHECK(sim::View(symbol, scene).inFrame());
            CHECK(scene.motionLength < 1.0);
            CHECK(scene.blurSigma < 0.8);
            CHECK(scene.offsetX != presentation.at(i + 1).offsetX);
        }
    }
    CHECK(sim::Presentation(symbol, settings).frame(20).luma ==
          sim::Presentation(symbol, settings).frame(20).luma);
}
