// JPEG files as luma planes, by libjpeg-turbo.
#pragma once

#include "hal/image.h"

namespace ykt::drivers {

// Keeps the library's state between pictures. One thread may use it.
class JpegDecoder {
  public:
    JpegDecoder();
    ~JpegDecoder();
    JpegDecoder(const JpegDecoder&) = delete;
    JpegDecoder& operator=(const JpegDecoder&) = delete;

    // The luma plane as the file holds it, at most `longestSide` pixels a side; `into` keeps its memory from
    // one picture to the next. Warnings (bytes too many, a picture cut short) are no failure: what was
    // decoded may hold the symbol. Errors: frame_invalid.
    Result<void> decode(ByteView file, int longestSide, hal::Image& into);

  private:
    void* jpeg_; // null: no memory for it
};

} // namespace ykt::drivers
