// What symbols may hold: every mode of ISO/IEC 18004 gives its bytes as they were encoded.
#include "tests/qr/symbol_pictures.h"

#include <catch2/catch.hpp>
#include <memory>
#include <qrencode.h>

using namespace ykt;
using namespace ykt::test;

namespace {

sim::Image drawn(const QRcode& code) {
    constexpr int scale = 4;
    const int side = (code.width + 8) * scale;
    sim::Image image{side, side, Bytes(static_cast<std::size_t>(side * side), 255)};
    for (int y = 0; y < code.width * scale; ++y)
        for (int x = 0; x < code.width * scale; ++x)
            if ((code.data[y / scale * code.width + x / scale] & 1) != 0)
                image.luma[static_cast<std::size_t>((y + 4 * scale) * side + x + 4 * scale)] = 0;
    return image;
}

struct Segment {
    QRencodeMode mode;
    std::string_view text;
};

// A symbol of these segments, announced by an ECI if it is not 0.
sim::Image encoded(std::initializer_list<Segment> segments, unsigned eci = 0) {
    const std::unique_ptr<QRinput, decltype(&QRinput_free)> input(QRinput_new2(0, QR_ECLEVEL_M),
                                                                  &QRinput_free);
    if (eci != 0)
        REQUIRE(QRinput_appendECIheader(input.get(), eci) == 0);
    for (const auto& [mode, text] : segments)
        REQUIRE(QRinput_append(input.get(), mode, static_cast<int>(text.size()),
                               reinterpret_cast<const unsigned char*>(text.data())) == 0);
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(QRcode_encodeInput(input.get()), &QRcode_free);
    REQUIRE(code);
    return drawn(*code);
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

TEST_CASE("every mode of a symbol gives its characters") {
    CHECK(readOne(encoded({{QR_MODE_NUM, "00123456789012345678"}})) == toBytes("00123456789012345678"));
    CHECK(readOne(encoded({{QR_MODE_AN, "NX-640100 $%*+./:"}})) == toBytes("NX-640100 $%*+./:"));
    constexpr std::string_view kanji = "\x93\x5F\xE4\xAA"; // Shift JIS, as the mode encodes it
    CHECK(readOne(encoded({{QR_MODE_KANJI, kanji}})) == toBytes(kanji));
    CHECK(readOne(encoded({{QR_MODE_NUM, "640100"}, {QR_MODE_8, "\xFF\x80"}, {QR_MODE_AN, "NX"}})) ==
          toBytes("640100\xFF\x80NX"));
}

TEST_CASE("an ECI changes no byte") {
    constexpr std::string_view bytes = "\x81\x01\x49\xFF\xFE\x80\xC3\x28";
    for (const unsigned eci : {3U, 20U, 26U, 29U})
        CHECK(readOne(encoded({{QR_MODE_8, bytes}}, eci)) == toBytes(bytes));
}

TEST_CASE("a message in parts is refused with a reason of its own") {
    const auto payload = randomPayload(150, 4);
    const std::unique_ptr<QRcode_List, decltype(&QRcode_List_free)> parts(
        QRcode_encodeDataStructured(static_cast<int>(payload.size()), payload.data(), 5, QR_ECLEVEL_M),
        &QRcode_List_free);
    REQUIRE(parts);
    REQUIRE(QRcode_List_size(parts.get()) >= 2);
    const auto part = drawn(*parts->code);
    CHECK(readOne(part) == toBytes("symbol_in_parts"));
    CHECK(readOne(beside(part, drawn(*parts->next->code))) == toBytes("symbol_in_parts"));
    CHECK(readOne(beside(part, *sim::renderSymbol(payload, 4))) == payload); // a whole code beside it counts
}
