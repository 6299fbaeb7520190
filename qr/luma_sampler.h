// A frame between its pixels.
#pragma once

#include "hal/camera.h"
#include "qr/point.h"

#include <cstddef>

namespace ykt::qr {

// Linear between the middles of pixels. Any point is safe to ask for: beyond its edges a frame repeats them.
class LumaSampler {
  public:
    // A frame of at least 2 by 2 pixels, which outlives the sampler.
    explicit LumaSampler(const hal::Frame& frame)
        : luma_(frame.luma), stride_(static_cast<std::size_t>(frame.stride)),
          lastX_(static_cast<float>(frame.width) - 1.001F),
          lastY_(static_cast<float>(frame.height) - 1.001F) {}

    [[nodiscard]] float at(float x, float y) const {
        const float left = within(x - 0.5F, lastX_);
        const float top = within(y - 0.5F, lastY_);
        const int column = static_cast<int>(left);
        const int row = static_cast<int>(top);
        const float right = left - static_cast<float>(column);
        const float below = top - static_cast<float>(row);
        const auto* pixel = luma_ + static_cast<std::size_t>(row) * stride_ + column;
        const auto* under = pixel + stride_;
        const float upper = mix(pixel[0], pixel[1], right);
        return upper + (mix(under[0], under[1], right) - upper) * below;
    }
    [[nodiscard]] float at(Point point) const { return at(point.x, point.y); }

  private:
    // Also of a value that is not a number.
    static float within(float value, float last) {
        return value > 0.0F ? (value < last ? value : last) : 0.0F;
    }
    static float mix(std::uint8_t from, std::uint8_t to, float share) {
        return static_cast<float>(from) + static_cast<float>(to - from) * share;
    }

    const std::uint8_t* luma_;
    std::size_t stride_;
    float lastX_;
    float lastY_;
};

} // namespace ykt::qr
