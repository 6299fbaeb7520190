#include "qr/scale.h"
#include "tests/qr/symbol_pictures.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;

namespace {

// Every look at it takes 4 ms more: so does every pass.
class HeavyClock : public hal::Clock {
  public:
    [[nodiscard]] Instant now() const override {
        instant_.monotonic += Milliseconds{4};
        return instant_;
    }
    [[nodiscard]] MonotonicTime reached() const { return instant_.monotonic; }

  private:
    mutable Instant instant_;
};

// Finder patterns and timing as of a symbol, all else beyond repair: every pass is in vain.
sim::Image unreadable() {
    auto settings = sim::sceneOf(sim::Preset::camera, 1'000'001);
    settings.pixelsPerModule = 3.0;
    settings.dirtArea = 0.5;
    return photographed(randomPayload(332, 1), settings);
}

} // namespace

TEST_CASE("frames without a symbol give none") {
    qr::SymbolReader reader(standing);
    const auto noSymbol = [&](const sim::Image& image) {
        const auto symbols = reader.read(image.frame());
        return !symbols && symbols.error() == Reason::symbol_not_found;
    };
    for (const auto& [width, height] :
         {std::pair{1, 1}, {1, 480}, {640, 1}, {2, 2}, {7, 5}, {33, 31}, {641, 479}}) {
        INFO(width << " x " << height);
        const auto size = static_cast<std::size_t>(width * height);
        CHECK(noSymbol({width, height, Bytes(size, 0)}));
        CHECK(noSymbol({width, height, Bytes(size, 255)}));
        CHECK(noSymbol({width, height, randomPayload(size, size)}));
    }
    for (const auto background : sim::backgrounds)
        for (std::uint64_t seed = 1'000'001; seed <= 1'000'002; ++seed)
            CHECK(noSymbol(sim::photograph({}, sim::emptyScene(background, seed))));
}

TEST_CASE("a frame whose sizes cannot be is refused before it is looked at") {
    qr::SymbolReader reader(standing);
    const Bytes luma(100);
    for (const auto& frame :
         {hal::Frame{}, hal::Frame{nullptr, 10, 10, 10, {}}, hal::Frame{luma.data(), 0, 10, 10, {}},
          hal::Frame{luma.data(), 10, -1, 10, {}}, hal::Frame{luma.data(), 10, 10, 9, {}},
          hal::Frame{luma.data(), 10, 10, -10, {}}, hal::Frame{luma.data(), 1 << 30, 1 << 30, 1 << 30, {}}}) {
        const auto symbols = reader.read(frame);
        REQUIRE_FALSE(symbols);
        CHECK(symbols.error() == Reason::frame_invalid);
    }
}

TEST_CASE("rows may be longer than the frame is wide") {
    const auto payload = randomPayload(332, 11);
    const auto image = *sim::renderSymbol(payload, 5);
    const auto padded = withPadding(image, 37);
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read({padded.data(), image.width, image.height, image.width + 37, {}});
    REQUIRE(symbols);
    CHECK(symbols->front().payload == payload);
}

TEST_CASE("two different symbols in view are both told, two equal ones are one") {
    const auto first = *sim::renderSymbol(randomPayload(100, 1), 4);
    const auto second = *sim::renderSymbol(randomPayload(100, 2), 4);
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read(beside(first, second).frame());
    REQUIRE(symbols);
    REQUIRE(symbols->size() == 2);
    CHECK((*symbols)[0].payload != (*symbols)[1].payload);
    CHECK(readOne(beside(first, first)) == randomPayload(100, 1));
}

TEST_CASE("corners are told in pixels of the frame, clockwise from the symbol's own top left") {
    constexpr float pixels = 4.0F;
    const auto image = *sim::renderSymbol(randomPayload(100, 3), static_cast<int>(pixels));
    const auto side = static_cast<float>(image.width);
    const auto near = 4 * pixels; // of the quiet zone
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read(image.frame());
    REQUIRE(symbols);
    const std::array expected{qr::Point{near, near}, qr::Point{side - near, near},
                              qr::Point{side - near, side - near}, qr::Point{near, side - near}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CHECK(symbols->front().corners[i].x == Approx(expected[i].x).margin(pixels));
        CHECK(symbols->front().corners[i].y == Approx(expected[i].y).margin(pixels));
    }
    CHECK_FALSE(symbols->front().pass.empty());
}

TEST_CASE("a frame that equals the last one gets the last answer without work") {
    const HeavyClock clock;
    qr::SymbolReader reader(clock);
    const auto payload = randomPayload(100, 5);
    const auto image = *sim::renderSymbol(payload, 4);
    REQUIRE(reader.read(image.frame()));
    const auto reached = clock.reached();

    const auto again = reader.read(image.frame());
    REQUIRE(again);
    CHECK(again->front().payload == payload);
    const auto padded = withPadding(image, 9); // the same pixels elsewhere
    CHECK(reader.read({padded.data(), image.width, image.height, image.width + 9, {}}));
    CHECK(clock.reached() == reached);
}

TEST_CASE("a frame that differs in one pixel is looked at") {
    const HeavyClock clock;
    qr::SymbolReader reader(clock);
    const auto image = *sim::renderSymbol(randomPayload(100, 5), 4);
    for (const std::size_t at : {std::size_t{0}, image.luma.size() / 2 + 3, image.luma.size() - 1}) {
        REQUIRE(reader.read(image.frame()));
        auto changed = image;
        changed.luma[at] ^= 1;
        const auto before = clock.reached();
        CHECK(reader.read(changed.frame()));
        CHECK(clock.reached() > before);
    }
    const sim::Image turned{1, 4, Bytes(4, 200)}; // as many pixels, another shape
    CHECK_FALSE(reader.read(turned.frame()));
    const auto before = clock.reached();
    CHECK_FALSE(reader.read(sim::Image{4, 1, Bytes(4, 200)}.frame()));
    CHECK(clock.reached() > before);
}

TEST_CASE("a frame keeps to its budget, and what found no time has its turn later") {
    const HeavyClock clock;
    constexpr std::chrono::microseconds budget{30'000};
    qr::SymbolReader reader(clock, {budget});
    auto image = unreadable();
    for (int frame = 0; frame < 8; ++frame) {
        image.luma[0] = static_cast<std::uint8_t>(frame); // no two frames are equal
        const auto before = clock.reached();
        CHECK_FALSE(reader.read(image.frame()));
        const auto took = clock.reached() - before;
        CHECK(took >= 2 * Milliseconds{4}); // it was looked at
        CHECK(took <= budget + Milliseconds{8});
    }
}

TEST_CASE("without time nothing is begun") {
    const auto image = *sim::renderSymbol(randomPayload(100, 5), 4);
    qr::SymbolReader hasty(standing, {std::chrono::microseconds{0}});
    const auto symbols = hasty.read(image.frame());
    REQUIRE_FALSE(symbols);
    CHECK(symbols.error() == Reason::symbol_not_found);
    CHECK(readOne(image) == randomPayload(100, 5));
}

TEST_CASE("a frame at twice its size keeps flat areas, edges, and forgets the padding of its rows") {
    Bytes enlarged;
    const sim::Image flat{5, 3, Bytes(15, 77)};
    qr::enlargeTwice(flat.frame(), enlarged);
    CHECK(enlarged == Bytes(60, 77));

    const sim::Image edge{4, 1, {0, 0, 255, 255}};
    qr::enlargeTwice(edge.frame(), enlarged);
    const Bytes row{0,   0,   0,   58,
                    197, 255, 255, 255}; // 58 = 255 * (67 - 9) / 256, the weights of the far side
    CHECK(enlarged == concat({row, row}));

    const sim::Image noise{31, 17, randomPayload(31 * 17, 3)};
    const auto padded = withPadding(noise, 13);
    Bytes fromPadded;
    qr::enlargeTwice(noise.frame(), enlarged);
    qr::enlargeTwice({padded.data(), 31, 17, 31 + 13, {}}, fromPadded);
    CHECK(enlarged == fromPadded);
}
