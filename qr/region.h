// Upright rectangles of a frame.
#pragma once

#include "hal/camera.h"
#include "qr/point.h"

#include <span>

namespace ykt::qr {

struct Region {
    int left = 0; // pixels
    int top = 0;
    int width = 0;
    int height = 0;

    [[nodiscard]] bool holds(Point point) const {
        return point.x >= static_cast<float>(left) && point.x < static_cast<float>(left + width) &&
               point.y >= static_cast<float>(top) && point.y < static_cast<float>(top + height);
    }
    [[nodiscard]] double pixels() const { return static_cast<double>(width) * height; }
};

Region whole(const hal::Frame& frame);
// The rectangle around the points and `margin` pixels more on each side, as far as it lies in the frame.
// At least one pixel.
Region around(std::span<const Point> points, float margin, const hal::Frame& frame);
// A view of a part of the frame, without a copy. The region lies in the frame.
hal::Frame crop(const hal::Frame& frame, const Region& region);

} // namespace ykt::qr
