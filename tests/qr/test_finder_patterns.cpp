#include "qr/function_patterns.h"
#include "seen_symbols.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;

namespace {

std::vector<qr::SymbolPlace> placesIn(const sim::Image& image) {
    qr::SymbolFinder finder;
    return finder.find(image.frame());
}

// The symbol drawn without a camera, `scale` pixels a module.
sim::Image enlarged(const sim::Image& symbol, int scale) {
    sim::Image image{symbol.width * scale, symbol.height * scale, {}};
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x)
            image.luma.push_back(symbol.luma[static_cast<std::size_t>(y / scale * symbol.width + x / scale)]);
    return image;
}

sim::Image inverse(sim::Image image) {
    for (auto& luma : image.luma)
        luma = static_cast<std::uint8_t>(255 - luma);
    return image;
}

// Keeps only a part of the picture.
sim::Image cut(const sim::Image& image, int left, int top, int width, int height) {
    sim::Image part{width, height, {}};
    for (int y = 0; y < height; ++y) {
        const auto row = image.luma.begin() + (top + y) * image.width + left;
        part.luma.insert(part.luma.end(), row, row + width);
    }
    return part;
}

} // namespace

TEST_CASE("finder patterns are placed to a fraction of a module, at any rotation and size") {
    for (const double pixels : {2.0, 2.5, 4.0})
        for (const double degrees : {0.0, 11.0, 45.0, 88.0, 135.0, 200.0, 310.0}) {
            const auto symbol = symbolOf(400, 1);
            auto scene = sim::sceneOf(sim::Preset::camera, 2'000'100);
            scene.pixelsPerModule = pixels;
            scene.rotationDegrees = degrees;
            scene.offsetX = scene.offsetY = 0.0;
            INFO(pixels << " pixels a module, " << degrees << " degrees");
            const auto places = placesIn(sim::photograph(symbol, scene));
            REQUIRE_FALSE(places.empty());
            CHECK(worstPoint(places.front(), symbol, scene) < 0.3 * pixels);
            CHECK(places.front().moduleSize == Approx(pixels).epsilon(0.08));
            CHECK_FALSE(places.front().inverted);
        }
}

TEST_CASE("large modules, and symbols on a dark ground, are found as well") {
    for (const double pixels : {8.0, 14.0, 18.0})
        for (const bool inverted : {false, true}) {
            const auto symbol = symbolOf(10, 1);
            auto scene = sim::sceneOf(sim::Preset::camera, 2'000'101);
            scene.width = 800;
            scene.height = 600;
            scene.pixelsPerModule = pixels;
            scene.inverted = inverted;
            scene.offsetX = scene.offsetY = 0.0;
            INFO(pixels << (inverted ? " inverted" : ""));
            const auto places = placesIn(sim::photograph(symbol, scene));
            REQUIRE_FALSE(places.empty());
            CHECK(worstPoint(places.front(), symbol, scene) < 0.2 * pixels);
            CHECK(places.front().inverted == inverted);
        }
}

TEST_CASE("a dim screen under uneven light is found") {
    const auto symbol = symbolOf(332, 1);
    auto scene = sim::sceneOf(sim::Preset::camera, 2'000'102);
    scene.pixelsPerModule = 3.0;
    scene.dimming = 0.6;
    scene.gradient = 0.5;
    scene.noiseSigma = 3.0;
    const auto places = placesIn(sim::photograph(symbol, scene));
    REQUIRE_FALSE(places.empty());
    CHECK(worstPoint(places.front(), symbol, scene) < 1.0F);
}

TEST_CASE("hardly any place is seen where there is no symbol") {
    for (const auto background : sim::backgrounds) {
        if (background == sim::Background::finders)
            continue; // they are what is sought, only not of one symbol
        std::size_t places = 0;
        for (std::uint64_t seed = 2'000'000; seed < 2'000'010; ++seed)
            places += placesIn(sim::photograph({}, sim::emptyScene(background, seed))).size();
        INFO(sim::nameOf(background));
        CHECK(places <= 2);
    }
}

TEST_CASE("the number of places is bounded, whatever is in the frame") {
    for (std::uint64_t seed = 2'000'000; seed < 2'000'005; ++seed)
        CHECK(placesIn(sim::photograph({}, sim::emptyScene(sim::Background::finders, seed))).size() <=
              qr::SymbolFinder::mostPlaces);
}

TEST_CASE("a frame's padding is no part of it") {
    const auto image = enlarged(symbolOf(100, 1), 3);
    const int stride = image.width + 37;
    Bytes padded(static_cast<std::size_t>(stride * image.height), 0x5A);
    for (int y = 0; y < image.height; ++y)
        std::copy_n(image.luma.begin() + y * image.width, image.width, padded.begin() + y * stride);
    qr::SymbolFinder finder;
    const auto places = finder.find(
        {.luma = padded.data(), .width = image.width, .height = image.height, .stride = stride, .taken = {}});
    const auto expected = placesIn(image);
    REQUIRE(expected.size() == 1);
    REQUIRE(places.size() == 1);
    CHECK(places.front().topLeft == expected.front().topLeft);
    CHECK(places.front().bottomLeft == expected.front().bottomLeft);
}

TEST_CASE("a pattern at the very edge of a frame, or cut by it, is read within the frame") {
    const auto image = enlarged(symbolOf(30, 1), 3);
    // Without a quiet zone the line before the pattern is missing, but the frame's edge is light enough.
    CHECK(placesIn(cut(image, 12, 12, image.width - 24, image.height - 24)).size() <= 1);
    for (int left = 0; left < 60; left += 1)
        for (const auto& part : {cut(image, left, left, image.width - left, image.height - left),
                                 cut(image, 0, 0, image.width - left, image.height - left / 2)}) {
            CHECK(placesIn(part).size() <= 1);
            CHECK(placesIn(inverse(part)).size() <= 1);
        }
}

TEST_CASE("frames too small, without luma, or with sizes that cannot be have no places") {
    qr::SymbolFinder finder;
    const Bytes luma(40'000, 77);
    for (const int width : {-1, 0, 1, 2, 23, 24, 25, 200})
        for (const int height : {-1, 0, 1, 2, 23, 24, 25, 200})
            CHECK(
                finder
                    .find(
                        {.luma = luma.data(), .width = width, .height = height, .stride = width, .taken = {}})
                    .empty());
    CHECK(finder.find({.luma = nullptr, .width = 100, .height = 100, .stride = 100, .taken = {}}).empty());
    CHECK(finder.find({.luma = luma.data(), .width = 100, .height = 100, .stride = 99, .taken = {}}).empty());
    CHECK(finder.find({.luma = luma.data(), .width = 9000, .height = 100, .stride = 9000, .taken = {}})
              .empty());
}

TEST_CASE("frames of any bytes are safe") {
    std::mt19937_64 random(2'000'000);
    qr::SymbolFinder finder;
    for (int i = 0; i < 60; ++i) {
        sim::Image image{24 + static_cast<int>(random() % 90), 24 + static_cast<int>(random() % 90), {}};
        const auto cell = static_cast<int>(1 + random() % 6);
        Bytes cells(10'000);
        std::ranges::generate(cells, [&] { return static_cast<std::uint8_t>(random() % 2 * 255); });
        for (int y = 0; y < image.height; ++y)
            for (int x = 0; x < image.width; ++x)
                image.luma.push_back(
                    cells[static_cast<std::size_t>(y / cell * 100 + x / cell % 100) % 10'000]);
        CHECK(finder.find(image.frame()).size() <= qr::SymbolFinder::mostPlaces);
    }
}
