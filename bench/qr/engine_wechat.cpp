#include "bench/qr/engine.h"

#ifdef YKT_WECHAT
#include <opencv2/core.hpp>
#include <opencv2/wechat_qrcode.hpp>
#endif

namespace ykt::bench {

#ifdef YKT_WECHAT
namespace {

// Without the CNN models, which Debian's package does not bring.
class WeChat final : public Engine {
  public:
    WeChat() { cv::setNumThreads(1); }
    std::vector<Bytes> read(const hal::Frame& frame) override {
        const cv::Mat luma(frame.height, frame.width, CV_8UC1, const_cast<std::uint8_t*>(frame.luma),
                           static_cast<std::size_t>(frame.stride));
        std::vector<Bytes> payloads;
        for (const auto& text : detector_.detectAndDecode(luma))
            payloads.emplace_back(text.begin(), text.end());
        return payloads;
    }

  private:
    cv::wechat_qrcode::WeChatQRCode detector_;
};

} // namespace

std::unique_ptr<Engine> wechatEngine() {
    return std::make_unique<WeChat>();
}
#else
std::unique_ptr<Engine> wechatEngine() {
    return nullptr;
}
#endif

} // namespace ykt::bench
