// Pictures with other light: what was light made dark, or judged dark or light by its surroundings.
#pragma once

#include "hal/camera.h"

#include <vector>

namespace ykt::qr {

// Dark for light. `out` becomes width * height bytes, rows without padding.
void invert(const hal::Frame& frame, Bytes& out);

// Undoes some of the blur of lens and motion: each pixel moves away from the mean of its neighbours (3 by 3,
// weighted) by `strength` times (1..3) its distance from it. `out` as above.
class Sharpener {
  public:
    void apply(const hal::Frame& frame, int strength, Bytes& out);

  private:
    std::vector<std::int16_t> columns_; // sums down three rows, kept between frames
};

// Dark (0) where a pixel is below the mean of the square of 2 * `reach` + 1 pixels around it, else light
// (255); the square is cut at the edges. `out` as above.
class MeanThreshold {
  public:
    void apply(const hal::Frame& frame, int reach, Bytes& out);

  private:
    std::vector<std::uint32_t> columns_; // sums of the columns within the square, kept between frames
};

} // namespace ykt::qr
