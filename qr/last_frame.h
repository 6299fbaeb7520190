// Remembers a frame, to tell whether the next one differs from it.
#pragma once

#include "hal/camera.h"

namespace ykt::qr {

class LastFrame {
  public:
    // Pixel for pixel the frame that was remembered last? Frames of a camera differ in their first row, so
    // that asking costs next to nothing.
    [[nodiscard]] bool is(const hal::Frame& frame) const;
    void remember(const hal::Frame& frame);

  private:
    int width_ = 0;
    int height_ = 0;
    Bytes luma_; // rows without padding
};

} // namespace ykt::qr
