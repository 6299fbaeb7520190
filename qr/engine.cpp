#include "qr/engine.h"

#define ZX_USE_UTF8 1 // NOLINT(readability-identifier-naming): ZXing-cpp asks for it
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <exception>

namespace ykt::qr {
namespace {

// tryHarder and tryRotate change nothing for QR symbols, they matter to linear codes only. Scale is the
// passes' business.
ZXing::DecodeHints hintsFor(Picture kind) {
    auto hints = ZXing::DecodeHints()
                     .setFormats(ZXing::BarcodeFormat::QRCode)
                     .setTryHarder(false)
                     .setTryRotate(false)
                     .setTryDownscale(false)
                     .setMaxNumberOfSymbols(mostReadings);
    if (kind != Picture::grey)
        hints.setBinarizer(ZXing::Binarizer::FixedThreshold);
    return hints.setIsPure(kind == Picture::straight);
}

Reading toReading(const ZXing::Result& result) {
    const auto& bytes = result.bytes(); // no ECI and no character set applied
    Reading reading{Bytes(bytes.begin(), bytes.end()), {}, result.isPartOfSequence()};
    std::ranges::transform(result.position(), reading.corners.begin(), [](const ZXing::PointI& corner) {
        return Point{static_cast<float>(corner.x), static_cast<float>(corner.y)};
    });
    return reading;
}

} // namespace

Result<std::vector<Reading>> decode(const hal::Frame& picture, Picture kind) {
    const ZXing::ImageView view(picture.luma, picture.width, picture.height, ZXing::ImageFormat::Lum,
                                picture.stride);
    std::vector<Reading> readings;
    try {
        for (const auto& result : ZXing::ReadBarcodes(view, hintsFor(kind)))
            if (result.isValid())
                readings.push_back(toReading(result));
    } catch (const std::exception& error) {
        return fail(Reason::frame_invalid, std::string{"ZXing: "} + error.what());
    }
    return readings;
}

} // namespace ykt::qr
