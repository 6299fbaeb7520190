#include "qr/engine.h"

#define ZX_USE_UTF8 1 // NOLINT(readability-identifier-naming): ZXing-cpp asks for it
#include <ZXing/ReadBarcode.h>

#include <exception>

namespace ykt::qr {

Result<std::optional<Reading>> decode(const hal::Image& symbol) {
    const ZXing::ImageView view(symbol.luma.data(), symbol.width, symbol.height, ZXing::ImageFormat::Lum);
    const auto hints = ZXing::DecodeHints()
                           .setFormats(ZXing::BarcodeFormat::QRCode)
                           .setBinarizer(ZXing::Binarizer::FixedThreshold)
                           .setIsPure(true);
    try {
        const auto result = ZXing::ReadBarcode(view, hints);
        if (!result.isValid())
            return std::nullopt;
        const auto& bytes = result.bytes(); // no ECI and no character set applied
        return Reading{Bytes(bytes.begin(), bytes.end()), result.isPartOfSequence()};
    } catch (const std::exception& error) {
        return fail(Reason::frame_invalid, std::string{"ZXing: "} + error.what());
    }
}

} // namespace ykt::qr
