#include "bench/qr/engine.h"

#define ZX_USE_UTF8 1 // NOLINT(readability-identifier-naming): ZXing-cpp asks for it
#include <ZXing/ReadBarcode.h>

namespace ykt::bench {
namespace {

class ZXingEngine final : public Engine {
  public:
    explicit ZXingEngine(bool tryHarder) {
        hints_.setFormats(ZXing::BarcodeFormat::QRCode);
        if (!tryHarder)
            return;
        hints_.setTryHarder(true).setTryRotate(true).setTryDownscale(true);
    }
    std::vector<Bytes> read(const hal::Frame& frame) override {
        std::vector<Bytes> payloads;
        for (const auto& result : ZXing::ReadBarcodes(
                 {frame.luma, frame.width, frame.height, ZXing::ImageFormat::Lum, frame.stride}, hints_))
            if (result.isValid())
                payloads.emplace_back(result.bytes().begin(), result.bytes().end());
        return payloads;
    }

  private:
    ZXing::DecodeHints hints_;
};

} // namespace

std::unique_ptr<Engine> zxingEngine(bool tryHarder) {
    return std::make_unique<ZXingEngine>(tryHarder);
}

} // namespace ykt::bench
