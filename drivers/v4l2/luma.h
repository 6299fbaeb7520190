// A device's buffer as a luma frame.
#pragma once

#include "drivers/jpeg.h"
#include "drivers/v4l2/format.h"
#include "hal/camera.h"

namespace ykt::drivers::v4l2 {

class LumaMaker {
  public:
    // A view of `filled` itself (GREY, NV12) or of a copy that lives until the next call (YUYV, MJPEG; of
    // the latter the picture tells its own size). `filled` has at least format.leastBytes. Errors:
    // frame_invalid (a JPEG that cannot be decoded).
    Result<hal::Frame> frame(ByteView filled, const StreamFormat& format);

  private:
    JpegDecoder jpeg_;
    hal::Image copy_;
};

} // namespace ykt::drivers::v4l2
