#include "qr/symbol_reader.h"

#include "qr/enlarge.h"

#define ZX_USE_UTF8 1 // NOLINT(readability-identifier-naming): ZXing-cpp asks for it
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <exception>

namespace ykt::qr {
namespace {

constexpr int longestSide = 8192;         // pixels; above, products of sizes would no longer be safe as int
constexpr int longestSideEnlarged = 1280; // pixels; a larger frame has pixels enough, and would cost too much
constexpr std::size_t mostSymbols = 4;

// tryHarder and tryRotate change nothing for QR symbols; they matter to linear codes only.
ZXing::DecodeHints firstPass() {
    return ZXing::DecodeHints()
        .setFormats(ZXing::BarcodeFormat::QRCode)
        .setTryHarder(false)
        .setTryRotate(false)
        .setDownscaleFactor(2)
        .setDownscaleThreshold(200);
}

// For symbols with too few pixels a module: twice the size, and smaller ones were looked at already.
ZXing::DecodeHints secondPass() {
    return firstPass().setTryDownscale(false);
}

bool isFrame(const hal::Frame& frame) {
    return frame.luma != nullptr && frame.width > 0 && frame.height > 0 && frame.width <= longestSide &&
           frame.height <= longestSide && frame.stride >= frame.width && frame.stride <= longestSide * 4;
}

std::array<Point, 4> cornersOf(const ZXing::Position& position, float scale) {
    std::array<Point, 4> corners;
    std::ranges::transform(position, corners.begin(), [scale](const ZXing::PointI& corner) {
        return Point{static_cast<float>(corner.x) / scale, static_cast<float>(corner.y) / scale};
    });
    return corners;
}

struct Pass {
    std::string_view name;
    float scale; // of its picture against the frame
    ZXing::DecodeHints hints;
};

// Adds the symbols of one pass that are not there yet.
void scan(const ZXing::ImageView& view, const Pass& pass, std::vector<Symbol>& symbols) {
    for (const auto& result : ZXing::ReadBarcodes(view, pass.hints)) {
        const auto& bytes = result.bytes(); // as encoded: no ECI and no character set applied
        const auto known = [&](const Symbol& symbol) { return std::ranges::equal(symbol.payload, bytes); };
        if (symbols.size() < mostSymbols && result.isValid() && std::ranges::none_of(symbols, known))
            symbols.push_back(
                {Bytes(bytes.begin(), bytes.end()), cornersOf(result.position(), pass.scale), pass.name});
    }
}

} // namespace

Result<std::vector<Symbol>> SymbolReader::read(const hal::Frame& frame) {
    if (!isFrame(frame))
        return fail(Reason::frame_invalid, "sizes of the frame");
    std::vector<Symbol> symbols;
    try {
        scan({frame.luma, frame.width, frame.height, ZXing::ImageFormat::Lum, frame.stride},
             {"plain", 1.0F, firstPass()}, symbols);
        if (symbols.empty() && std::max(frame.width, frame.height) <= longestSideEnlarged) {
            enlargeTwice(frame, enlarged_);
            scan({enlarged_.data(), frame.width * 2, frame.height * 2, ZXing::ImageFormat::Lum},
                 {"twice", 2.0F, secondPass()}, symbols);
        }
    } catch (const std::exception& error) {
        return fail(Reason::frame_invalid, std::string{"ZXing: "} + error.what());
    }
    if (symbols.empty())
        return fail(Reason::symbol_not_found);
    return symbols;
}

} // namespace ykt::qr
