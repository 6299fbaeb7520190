// Which picture a device and this program agree on.
#pragma once

#include "drivers/notice.h"
#include "drivers/v4l2/device.h"
#include "drivers/v4l2/settings.h"

namespace ykt::drivers::v4l2 {

constexpr int longestSide = 8192; // pixels

struct StreamFormat {
    PixelFormat pixel = PixelFormat::grey;
    int width = 0;              // pixels
    int height = 0;             // pixels
    int stride = 0;             // bytes from one row of luma to the next; 0: compressed
    std::size_t leastBytes = 0; // of a whole frame
};

// Sets the first of the settings' formats that the device offers, then size and frame rate, and says where
// the device takes others. Errors: camera_gone (it offers none of them, or one that cannot be).
Result<StreamFormat> negotiate(const Device& device, const Settings& settings, NoticeBoard& notices);

} // namespace ykt::drivers::v4l2
