// A picture with more contrast between neighbours.
#pragma once

#include "hal/camera.h"

#include <vector>

namespace ykt::qr {

// Undoes some of the blur of lens and motion: each pixel moves away from the mean of its neighbours (3 by 3,
// weighted) by its distance from it. `out` becomes width * height bytes, rows without padding.
class Sharpener {
  public:
    void apply(const hal::Frame& frame, Bytes& out);

  private:
    std::vector<std::int16_t> columns_; // sums down three rows, kept between frames
};

} // namespace ykt::qr
