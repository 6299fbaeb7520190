#include "bench/qr/engine.h"

#ifdef YKT_ZBAR
#include <zbar.h>
#endif

namespace ykt::bench {

#ifdef YKT_ZBAR
namespace {

class Zbar final : public Engine {
  public:
    Zbar() {
        scanner_.set_config(zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
        scanner_.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
        scanner_.set_config(zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_BINARY, 1); // else it re-codes bytes as UTF-8
    }
    std::vector<Bytes> read(const hal::Frame& frame) override {
        const auto width = static_cast<unsigned>(frame.width);
        const auto height = static_cast<unsigned>(frame.height);
        zbar::Image image(width, height, "Y800", frame.luma, static_cast<unsigned long>(width) * height);
        std::vector<Bytes> payloads;
        if (scanner_.scan(image) > 0)
            for (auto symbol = image.symbol_begin(); symbol != image.symbol_end(); ++symbol) {
                const auto data = symbol->get_data();
                payloads.emplace_back(data.begin(), data.end());
            }
        return payloads;
    }

  private:
    zbar::ImageScanner scanner_;
};

} // namespace

std::unique_ptr<Engine> zbarEngine() {
    return std::make_unique<Zbar>();
}
#else
std::unique_ptr<Engine> zbarEngine() {
    return nullptr;
}
#endif

} // namespace ykt::bench
