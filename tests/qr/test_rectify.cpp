#include "qr/function_patterns.h"
#include "qr/rectify.h"
#include "seen_symbols.h"

#include <catch2/catch.hpp>
#include <qrencode.h>

#include <limits>
#include <memory>

using namespace ykt;
using namespace ykt::test;

namespace {

// A symbol of that version, with its quiet zone, one pixel a module, and its data modules by chance.
sim::Image symbolOfVersion(int version) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeString8bit("NX", version, QR_ECLEVEL_M), &QRcode_free);
    REQUIRE(code);
    REQUIRE(code->version == version);
    const int side = code->width + 2 * sim::quietZone;
    sim::Image image{side, side, Bytes(static_cast<std::size_t>(side * side), 255)};
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if ((code->data[y * code->width + x] & 1) != 0)
                image.luma[static_cast<std::size_t>((y + sim::quietZone) * side + x + sim::quietZone)] = 0;
    return image;
}

std::optional<qr::RectifiedSymbol> rectified(const sim::Image& image,
                                             qr::Sharpening sharpening = qr::Sharpening::fitted) {
    qr::SymbolFinder finder;
    qr::Rectifier rectifier;
    for (const auto& place : finder.find(image.frame()))
        if (rectifier.locate(image.frame(), place))
            return rectifier.rectified(sharpening).value();
    return std::nullopt;
}

// Modules that differ, or all of them when the sizes do. `symbol` has a quiet zone and one pixel a module.
int wrongModules(const qr::RectifiedSymbol& seen, const sim::Image& symbol, bool transposed = false) {
    if (seen.image.width != symbol.width || seen.image.height != symbol.height)
        return symbol.width * symbol.height;
    int wrong = 0;
    for (int y = 0; y < symbol.height; ++y)
        for (int x = 0; x < symbol.width; ++x) {
            const int there = transposed ? x * symbol.width + y : y * symbol.width + x;
            wrong += seen.image.luma[static_cast<std::size_t>(y * symbol.width + x)] !=
                             symbol.luma[static_cast<std::size_t>(there)]
                         ? 1
                         : 0;
        }
    return wrong;
}

} // namespace

TEST_CASE("function patterns of all versions are those that libqrencode draws") {
    for (int version = 1; version <= 40; ++version) {
        const auto symbol = symbolOfVersion(version);
        const int dimension = qr::dimensionOf(version);
        const auto known = qr::functionModules(dimension);
        int wrong = 0;
        for (int y = 0; y < dimension; ++y)
            for (int x = 0; x < dimension; ++x) {
                const auto expected = known[static_cast<std::size_t>(y * dimension + x)];
                const bool dark = symbol.luma[static_cast<std::size_t>((y + sim::quietZone) * symbol.width +
                                                                       x + sim::quietZone)] == 0;
                wrong += expected != 0 && (expected > 0) != dark ? 1 : 0;
            }
        INFO("version " << version);
        CHECK(wrong == 0);
    }
    CHECK(qr::alignmentPositions(1).empty());
    CHECK(qr::alignmentPositions(13) == std::vector{6, 34, 62});
    CHECK(qr::alignmentPositions(15) == std::vector{6, 26, 48, 70});
    CHECK(qr::alignmentPositions(32) == std::vector{6, 34, 60, 86, 112, 138});
    CHECK(qr::alignmentPositions(40) == std::vector{6, 30, 58, 86, 114, 142, 170});
}

TEST_CASE("every version is straightened module by module from a clean frame") {
    for (int version = 1; version <= 40; ++version) {
        const auto symbol = symbolOfVersion(version);
        auto scene = sim::sceneOf(sim::Preset::clean, 2'000'000);
        scene.width = scene.height = 720;
        scene.pixelsPerModule = 2.5;
        scene.rotationDegrees = 3.0 * version;
        INFO("version " << version);
        const auto seen = rectified(sim::photograph(symbol, scene));
        REQUIRE(seen);
        CHECK(seen->dimension == qr::dimensionOf(version));
        CHECK(wrongModules(*seen, symbol) == 0);
    }
}

TEST_CASE("a camera's frames of two pixels a module give every module of a transit code's symbol") {
    for (std::uint64_t seed = 2'000'000; seed < 2'000'010; ++seed) {
        const auto symbol = symbolOf(400, seed);
        auto scene = sim::sceneOf(sim::Preset::camera, seed);
        scene.pixelsPerModule = 2.0;
        INFO("seed " << seed);
        const auto seen = rectified(sim::photograph(symbol, scene));
        REQUIRE(seen);
        CHECK(wrongModules(*seen, symbol) == 0);
    }
}

TEST_CASE("the blur between modules is undone better by weights that were fitted than by none") {
    int fitted = 0;
    int none = 0;
    for (std::uint64_t seed = 2'000'000; seed < 2'000'006; ++seed) {
        const auto symbol = symbolOf(332, seed);
        auto scene = sim::sceneOf(sim::Preset::camera, seed);
        scene.pixelsPerModule = 1.8;
        scene.motionLength = 1.5;
        scene.motionDegrees = 30.0 * static_cast<double>(seed % 6);
        const auto image = sim::photograph(symbol, scene);
        const auto seen = rectified(image);
        if (!seen)
            continue;
        fitted += wrongModules(*seen, symbol);
        none += wrongModules(*rectified(image, qr::Sharpening::none), symbol);
    }
    CHECK(none > 0);
    CHECK(fitted * 4 < none);
}

TEST_CASE("the corners of a symbol are where they were seen, with and without perspective") {
    for (const auto preset : {sim::Preset::camera, sim::Preset::hard}) {
        const auto symbol = symbolOf(332, 3);
        auto scene = sim::sceneOf(preset, 2'000'003);
        scene.pixelsPerModule = 3.5;
        const auto seen = rectified(sim::photograph(symbol, scene));
        REQUIRE(seen);
        const auto expected = sim::View(symbol, scene).corners();
        for (std::size_t i = 0; i < expected.size(); ++i)
            CHECK(apart(seen->corners[i], expected[i]) < 0.5F);
    }
}

TEST_CASE("inverted symbols come out right, mirrored ones as their transpose") {
    const auto symbol = symbolOf(332, 4);
    auto scene = sim::sceneOf(sim::Preset::camera, 2'000'004);
    scene.pixelsPerModule = 3.0;
    scene.inverted = true;
    const auto inverted = rectified(sim::photograph(symbol, scene));
    REQUIRE(inverted);
    CHECK(wrongModules(*inverted, symbol) == 0);
    scene.inverted = false;
    scene.mirrored = true;
    const auto mirrored = rectified(sim::photograph(symbol, scene));
    REQUIRE(mirrored);
    CHECK(wrongModules(*mirrored, symbol, true) == 0);
}

TEST_CASE("where no symbol is, hardly ever one is made out") {
    const auto image = sim::photograph({}, sim::emptyScene(sim::Background::modules, 2'000'000));
    std::mt19937_64 random(2'000'000);
    qr::Rectifier rectifier;
    int seen = 0;
    for (int i = 0; i < 40; ++i) {
        const qr::Point corner{static_cast<float>(50 + random() % 200),
                               static_cast<float>(50 + random() % 150)};
        const auto side = static_cast<float>(120 + random() % 160);
        seen +=
            rectifier.locate(image.frame(),
                             {corner, {corner.x + side, corner.y}, {corner.x, corner.y + side}, 3.0F, false})
                ? 1
                : 0;
    }
    CHECK(seen <= 10);
}

TEST_CASE("places that cannot be, and frames that cannot be, give no symbol") {
    const auto image = sim::photograph({}, sim::emptyScene(sim::Background::flat, 2'000'000));
    qr::Rectifier rectifier;
    CHECK_FALSE(rectifier.locate(image.frame(), {{100, 100}, {300, 110}, {95, 300}, 3.0F, false}));
    constexpr float huge = std::numeric_limits<float>::max();
    constexpr float no = std::numeric_limits<float>::quiet_NaN();
    CHECK_FALSE(rectifier.locate(image.frame(), {{0, 0}, {0, 0}, {0, 0}, 0.0F, false}));
    CHECK_FALSE(rectifier.locate(image.frame(), {{-huge, 0}, {huge, 0}, {0, huge}, 2.0F, false}));
    CHECK_FALSE(rectifier.locate(image.frame(), {{no, no}, {no, 0}, {0, no}, 2.0F, true}));
    CHECK_FALSE(rectifier.locate(image.frame(), {{100, 100}, {300, 110}, {95, 300}, no, false}));
    CHECK_FALSE(
        rectifier.locate({.luma = image.luma.data(), .width = 1, .height = 1, .stride = 1, .taken = {}},
                         {{0, 0}, {1, 0}, {0, 1}, 1.0F, false}));
    CHECK_FALSE(rectifier.locate({}, {{0, 0}, {1, 0}, {0, 1}, 1.0F, false}));
}
