#include "drivers/simulated/image.h"
#include "folder.h"

#include <catch2/catch.hpp>
#include <webp/encode.h>

using namespace ykt;
using namespace ykt::drivers;

TEST_CASE("PNG files of all kinds become luma") {
    const Folder folder;
    SECTION("8-bit grey, as it is") {
        const auto image =
            loadLuma(folder.write("a.png", png(2, 2, 8, PNG_COLOR_TYPE_GRAY, {0, 128, 200, 255})));
        REQUIRE(image);
        CHECK(image->width == 2);
        CHECK(image->height == 2);
        CHECK(image->luma == Bytes{0, 128, 200, 255});
        const auto frame = image->frame();
        CHECK(frame.stride == 2);
        CHECK(frame.luma[3] == 255);
    }
    SECTION("16-bit grey is scaled, not taken for linear light") {
        const auto image = loadLuma(
            folder.write("a.png", png(3, 1, 16, PNG_COLOR_TYPE_GRAY, {0, 0, 0x80, 0x80, 0xFF, 0xFF})));
        REQUIRE(image);
        CHECK(image->luma == Bytes{0, 128, 255});
    }
    SECTION("RGB: green is brighter than blue, white is white") {
        const auto image = loadLuma(
            folder.write("a.png", png(3, 1, 8, PNG_COLOR_TYPE_RGB, {0, 255, 0, 0, 0, 255, 255, 255, 255})));
        REQUIRE(image);
        REQUIRE(image->luma.size() == 3);
        CHECK(image->luma[0] > image->luma[1]);
        CHECK(image->luma[2] == 255);
    }
    SECTION("RGBA: what is transparent is white, what is opaque stays") {
        const auto image =
            loadLuma(folder.write("a.png", png(2, 1, 8, PNG_COLOR_TYPE_RGBA, {0, 0, 0, 0, 0, 0, 0, 255})));
        REQUIRE(image);
        CHECK(image->luma == Bytes{255, 0});
    }
    SECTION("16-bit RGBA") {
        const auto image = loadLuma(folder.write(
            "a.png", png(1, 1, 16, PNG_COLOR_TYPE_RGBA, {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})));
        REQUIRE(image);
        CHECK(image->luma == Bytes{255});
    }
}

TEST_CASE("binary PGM files become luma") {
    const Folder folder;
    const auto load = [&](std::string_view text) { return loadLuma(folder.write("a.pgm", text)); };
    CHECK(load("P5 2 1 255\n\x01\xFF")->luma == Bytes{1, 255});
    CHECK(load("P5\n# made by hand\n2\n# twice\n1 255\nab")->luma == toBytes("ab"));
    CHECK(load(std::string_view("P5 2 1 15\n\x0F\x00", 12))->luma == Bytes{255, 0});
    CHECK(load(std::string_view("P5 2 1 65535\n\xFF\xFF\x00\x00", 17))->luma == Bytes{255, 0});
    CHECK(load("P5 1 1 100\n\xFF")->luma == Bytes{255}); // above its own maximum
    CHECK(load("P5 1 1 255\n\n")->luma == Bytes{'\n'});  // only one white space ends the header
}

TEST_CASE("WebP files become luma, what is transparent white; cut short they are frame_invalid") {
    const Folder folder;
    const Bytes rgba{0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0, 0, 0, 255, 0, 255};
    std::uint8_t* encoded = nullptr;
    const auto size = WebPEncodeLosslessRGBA(rgba.data(), 4, 1, 16, &encoded);
    const Bytes file(encoded, encoded + size);
    WebPFree(encoded);
    const auto image = loadLuma(folder.write("a.webp", file));
    REQUIRE(image);
    CHECK(image->width == 4);
    CHECK(image->luma == Bytes{0, 255, 255, 150});
    for (std::size_t kept = 4; kept < file.size(); ++kept)
        CHECK(loadLuma(folder.write("a.webp", ByteView(file).first(kept))).error() == Reason::frame_invalid);

    const Bytes wide(std::size_t{8193} * 4, 255);
    const auto wideSize = WebPEncodeLosslessRGBA(wide.data(), 8193, 1, 8193 * 4, &encoded);
    const Bytes wideFile(encoded, encoded + wideSize);
    WebPFree(encoded);
    CHECK(loadLuma(folder.write("wide.webp", wideFile)).error() == Reason::frame_invalid);
}

TEST_CASE("files that are no image of this kind are frame_invalid") {
    const Folder folder;
    const auto refused = [&](ByteView bytes) {
        const auto image = loadLuma(folder.write("a", bytes));
        return !image && image.error() == Reason::frame_invalid;
    };
    for (const auto* text : {"",
                             "P",
                             "P5",
                             "P5 ",
                             "P5 2",
                             "P5 2 1",
                             "P5 2 1 255",
                             "P5 2 1 255\n",
                             "P5 2 1 255\nx",
                             "P5 0 1 255\nxx",
                             "P5 1 0 255\nxx",
                             "P5 1 1 0\nxx",
                             "P5 1 1 65536\nxxxx",
                             "P5 8193 1 255\nx",
                             "P5 1 8193 255\nx",
                             "P5 -1 1 255\nx",
                             "P5 4294967297 1 255\nx",
                             "P5 99999999999999999999 1 255\nx",
                             "P5 x 1 255\nx",
                             "P5 1 1 300\nx",
                             "P2 1 1 255\n0",
                             "P6 1 1 255\nxxx",
                             "P5 # never ends",
                             "GIF89a",
                             "\x89PNG"}) {
        INFO(text);
        CHECK(refused(asBytes(text)));
    }
    const auto whole = png(8, 8, 8, PNG_COLOR_TYPE_RGB, Bytes(8 * 8 * 3, 90));
    for (std::size_t size = 0; size + 12 < whole.size(); ++size) // the last chunk, IEND, has 12 bytes
        CHECK(refused(ByteView(whole).first(size)));
    auto broken = whole;
    broken[20] = 0xFF; // width, so the header's CRC is wrong
    CHECK(refused(broken));
    CHECK(refused(png(8193, 1, 8, PNG_COLOR_TYPE_GRAY, Bytes(8193))));
    CHECK_FALSE(refused(png(8192, 1, 8, PNG_COLOR_TYPE_GRAY, Bytes(8192))));
}

TEST_CASE("paths that hold no readable file are frame_invalid") {
    const Folder folder;
    CHECK(loadLuma(folder.path / "missing.png").error() == Reason::frame_invalid);
    CHECK(loadLuma(folder.path).error() == Reason::frame_invalid);
    const auto huge = folder.write("huge.pgm", "P5 1 1 255\nx");
    std::filesystem::resize_file(huge, (64ULL << 20) + 1); // sparse
    CHECK(loadLuma(huge).error() == Reason::frame_invalid);
}
