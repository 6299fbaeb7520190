#include "qr/enlarge.h"
#include "qr/symbol_reader.h"
#include "sim/codes/code_issuer.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <qrencode.h>
#include <random>

using namespace ykt;

namespace {

// Passes cost nothing by it, so that every frame gets every pass.
const hal::ManualClock standing(wallFromUnixSeconds(1'767'225'600));

Bytes randomPayload(std::size_t size, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

// The one payload in view, or the reason's name as bytes.
Bytes readOne(const sim::Image& image) {
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read(image.frame());
    if (!symbols)
        return toBytes(nameOf(symbols.error().reason));
    return symbols->size() == 1 ? symbols->front().payload : toBytes("several");
}

sim::Image photographed(ByteView payload, const sim::SceneSettings& settings) {
    return sim::photograph(*sim::renderSymbol(payload, 1), settings);
}

// Two images side by side on white, each with its quiet zone.
sim::Image beside(const sim::Image& left, const sim::Image& right) {
    sim::Image both{left.width + right.width, std::max(left.height, right.height), {}};
    both.luma.assign(static_cast<std::size_t>(both.width * both.height), 255);
    const auto put = [&](const sim::Image& image, int offset) {
        for (int y = 0; y < image.height; ++y)
            std::copy_n(image.luma.begin() + y * image.width, image.width,
                        both.luma.begin() + y * both.width + offset);
    };
    put(left, 0);
    put(right, left.width);
    return both;
}

// The image's rows, each with `padding` more bytes that belong to no pixel.
Bytes withPadding(const sim::Image& image, int padding) {
    const int stride = image.width + padding;
    Bytes padded(static_cast<std::size_t>(stride * image.height), 0x5A);
    for (int y = 0; y < image.height; ++y)
        std::copy_n(image.luma.begin() + y * image.width, image.width, padded.begin() + y * stride);
    return padded;
}

// A symbol whose data are in a mode other than bytes, or announced by an ECI.
sim::Image encoded(QRencodeMode mode, std::string_view text, unsigned eci = 0) {
    const std::unique_ptr<QRinput, decltype(&QRinput_free)> input(QRinput_new2(0, QR_ECLEVEL_M),
                                                                  &QRinput_free);
    if (eci != 0)
        REQUIRE(QRinput_appendECIheader(input.get(), eci) == 0);
    REQUIRE(QRinput_append(input.get(), mode, static_cast<int>(text.size()),
                           reinterpret_cast<const unsigned char*>(text.data())) == 0);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeInput(input.get()), &QRcode_free);
    REQUIRE(code);
    constexpr int scale = 4;
    const int side = (code->width + 8) * scale;
    sim::Image image{side, side, Bytes(static_cast<std::size_t>(side * side), 255)};
    for (int y = 0; y < code->width * scale; ++y)
        for (int x = 0; x < code->width * scale; ++x)
            if ((code->data[y / scale * code->width + x / scale] & 1) != 0)
                image.luma[static_cast<std::size_t>((y + 4 * scale) * side + x + 4 * scale)] = 0;
    return image;
}

int readOf(int frames, double pixelsPerModule, std::size_t size) {
    int read = 0;
    for (int i = 0; i < frames; ++i) {
        const auto seed = static_cast<std::uint64_t>(i) + 1;
        auto settings = sim::handHeld(seed);
        settings.pixelsPerModule = pixelsPerModule;
        const auto payload = randomPayload(size, seed);
        read += readOne(photographed(payload, settings)) == payload ? 1 : 0;
    }
    return read;
}

} // namespace

TEST_CASE("clean symbols give their bytes, whatever the bytes are") {
    for (const std::size_t size : {1U, 100U, 271U, 307U, 332U, 400U}) {
        const auto payload = randomPayload(size, size);
        for (const int pixels : {2, 3, 5})
            CHECK(readOne(*sim::renderSymbol(payload, pixels)) == payload);
    }
    Bytes every(256);
    for (std::size_t i = 0; i < every.size(); ++i)
        every[i] = static_cast<std::uint8_t>(i);
    CHECK(readOne(*sim::renderSymbol(every, 3)) == every);
    const auto looksLikeUtf8 = toBytes("\xEF\xBB\xBF宁夏融合码");
    CHECK(readOne(*sim::renderSymbol(looksLikeUtf8, 3)) == looksLikeUtf8);
}

TEST_CASE("every mode of a symbol gives its characters, and an ECI changes no byte") {
    CHECK(readOne(encoded(QR_MODE_NUM, "00123456789012345678")) == toBytes("00123456789012345678"));
    CHECK(readOne(encoded(QR_MODE_AN, "NX-640100 $%*+./:")) == toBytes("NX-640100 $%*+./:"));
    const std::string bytes = "\x81\x01\x49\xFF\xFE\x80\xC3\x28";
    for (const unsigned eci : {3U, 20U, 26U, 29U})
        CHECK(readOne(encoded(QR_MODE_8, bytes, eci)) == toBytes(bytes));
}

TEST_CASE("photographed frames at any rotation") {
    for (const double degrees : {0.0, 30.0, 90.0, 137.0, 180.0, 270.0, 315.0}) {
        sim::SceneSettings settings;
        settings.rotationDegrees = degrees;
        const auto payload = randomPayload(100, 7);
        INFO(degrees << " degrees");
        CHECK(readOne(photographed(payload, settings)) == payload);
    }
}

TEST_CASE("the same scene is the same frame, and another seed another") {
    const auto symbol = *sim::renderSymbol(randomPayload(332, 3), 1);
    const auto settings = sim::handHeld(5);
    CHECK(sim::photograph(symbol, settings).luma == sim::photograph(symbol, settings).luma);
    CHECK(sim::photograph(symbol, settings).luma != sim::photograph(symbol, sim::handHeld(6)).luma);
}

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
    for (std::uint64_t seed = 1; seed <= 20; ++seed)
        CHECK(noSymbol(sim::photograph({}, sim::handHeld(seed))));
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
    const auto image = *sim::renderSymbol(payload, 18); // so large that only the first pass looks at it
    const auto padded = withPadding(image, 37);
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read({padded.data(), image.width, image.height, image.width + 37, {}});
    REQUIRE(symbols);
    CHECK(symbols->front().payload == payload);
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

TEST_CASE("two different symbols in view are both told, two equal ones are one") {
    const auto first = *sim::renderSymbol(randomPayload(100, 1), 4);
    const auto second = *sim::renderSymbol(randomPayload(100, 2), 4);
    qr::SymbolReader reader(standing);
    const auto both = beside(first, second);
    const auto symbols = reader.read(both.frame());
    REQUIRE(symbols);
    REQUIRE(symbols->size() == 2);
    CHECK((*symbols)[0].payload != (*symbols)[1].payload);
    CHECK(readOne(beside(first, first)) == randomPayload(100, 1));
}

TEST_CASE("the demo's frames are read") {
    CHECK(readOf(20, 4.0, 332) >= 18); // a transit code
    CHECK(readOf(20, 4.0, 307) >= 18); // a fusion code
    CHECK(readOf(20, 3.0, 332) >= 18); // the second pass carries these
}
