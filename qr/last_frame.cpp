#include "qr/last_frame.h"

#include <algorithm>

namespace ykt::qr {

bool LastFrame::is(const hal::Frame& frame) const {
    if (frame.width != width_ || frame.height != height_)
        return false;
    const auto* row = frame.luma;
    for (auto kept = luma_.begin(); kept != luma_.end(); kept += width_, row += frame.stride)
        if (!std::equal(row, row + width_, kept))
            return false;
    return true;
}

void LastFrame::remember(const hal::Frame& frame) {
    width_ = frame.width;
    height_ = frame.height;
    luma_.resize(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_));
    const auto* row = frame.luma;
    for (auto kept = luma_.begin(); kept != luma_.end(); kept += width_, row += frame.stride)
        std::copy_n(row, width_, kept);
}

} // namespace ykt::qr
