#include "drivers/jpeg.h"

#include <turbojpeg.h>

namespace ykt::drivers {

JpegDecoder::JpegDecoder() : jpeg_(tjInitDecompress()) {}

JpegDecoder::~JpegDecoder() {
    if (jpeg_ != nullptr)
        tjDestroy(jpeg_);
}

Result<void> JpegDecoder::decode(ByteView file, int longestSide, hal::Image& into) {
    int width = 0;
    int height = 0;
    int subsampling = 0;
    int colours = 0;
    if (jpeg_ == nullptr ||
        tjDecompressHeader3(jpeg_, file.data(), file.size(), &width, &height, &subsampling, &colours) != 0)
        return fail(Reason::frame_invalid, "JPEG header");
    if (width < 1 || width > longestSide || height < 1 || height > longestSide)
        return fail(Reason::frame_invalid, "JPEG size");
    into.width = width;
    into.height = height;
    into.luma.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    const int failed = tjDecompress2(jpeg_, file.data(), file.size(), into.luma.data(), width, 0, height,
                                     TJPF_GRAY, TJFLAG_LIMITSCANS);
    if (failed != 0 && tjGetErrorCode(jpeg_) == TJERR_FATAL)
        return fail(Reason::frame_invalid, "JPEG data");
    return {};
}

} // namespace ykt::drivers
