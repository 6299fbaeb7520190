#include "drivers/v4l2/luma.h"

namespace ykt::drivers::v4l2 {
namespace {

// YUYV: luma and colour take turns, luma first.
void copyLuma(ByteView yuyv, const StreamFormat& format, hal::Image& into) {
    into.width = format.width;
    into.height = format.height;
    const auto width = static_cast<std::size_t>(format.width);
    const auto height = static_cast<std::size_t>(format.height);
    into.luma.resize(width * height);
    for (std::size_t y = 0; y < height; ++y) {
        const std::uint8_t* from = yuyv.data() + y * static_cast<std::size_t>(format.stride);
        std::uint8_t* to = into.luma.data() + y * width;
        for (std::size_t x = 0; x < width; ++x)
            to[x] = from[2 * x];
    }
}

} // namespace

Result<hal::Frame> LumaMaker::frame(ByteView filled, const StreamFormat& format) {
    switch (format.pixel) {
    case PixelFormat::grey:
    case PixelFormat::nv12:
        return hal::Frame{filled.data(), format.width, format.height, format.stride, {}};
    case PixelFormat::yuyv:
        copyLuma(filled, format, copy_);
        return copy_.frame();
    case PixelFormat::mjpeg:
        break;
    }
    if (const auto decoded = jpeg_.decode(filled, longestSide, copy_); !decoded)
        return failWith(decoded);
    return copy_.frame();
}

} // namespace ykt::drivers::v4l2
