// What is dark and what is light, judged by the neighbourhood: frames are lit unevenly.
#pragma once

#include "hal/camera.h"

namespace ykt::qr {

// One threshold for each block of 8 by 8 pixels: the middle between the darkest and the lightest pixel around
// it. The middle, not the mean, keeps lines of one or two pixels that the lens has softened. Where a block
// and its neighbours have little contrast of their own, as inside of large modules, a wider neighbourhood
// decides; where that has none either, everything is light.
class LocalThreshold {
  public:
    static constexpr int block = 8; // pixels a side

    // A frame of at least one block each way.
    void measure(const hal::Frame& frame);

    // Of the block that holds the pixel: darker is dark. 0: no contrast there.
    [[nodiscard]] std::uint8_t at(int x, int y) const {
        return thresholds_[static_cast<std::size_t>(y / block) * columns_ +
                           static_cast<std::size_t>(x / block)];
    }

  private:
    void measureBlocks(const hal::Frame& frame);

    std::size_t columns_ = 0; // of a row of blocks, with padding up to a whole number of lanes
    std::size_t rows_ = 0;
    Bytes low_, high_;         // of each block, then of the nearer neighbourhood
    Bytes wideLow_, wideHigh_; // of the wider one
    Bytes spare_;
    Bytes thresholds_;
};

} // namespace ykt::qr
