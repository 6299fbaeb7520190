#include "qr/region.h"

#include <algorithm>
#include <cmath>

namespace ykt::qr {
namespace {

int within(float value, int limit) {
    return static_cast<int>(std::clamp(value, 0.0F, static_cast<float>(limit)));
}

} // namespace

Region whole(const hal::Frame& frame) {
    return {0, 0, frame.width, frame.height};
}

Region around(std::span<const Point> points, float margin, const hal::Frame& frame) {
    const auto [west, east] = std::ranges::minmax(points, {}, &Point::x);
    const auto [north, south] = std::ranges::minmax(points, {}, &Point::y);
    const int left = within(std::floor(west.x - margin), frame.width - 1);
    const int top = within(std::floor(north.y - margin), frame.height - 1);
    const int right = within(std::ceil(east.x + margin), frame.width);
    const int bottom = within(std::ceil(south.y + margin), frame.height);
    return {left, top, std::max(right - left, 1), std::max(bottom - top, 1)};
}

hal::Frame crop(const hal::Frame& frame, const Region& region) {
    auto part = frame;
    part.luma += static_cast<std::ptrdiff_t>(region.top) * frame.stride + region.left;
    part.width = region.width;
    part.height = region.height;
    return part;
}

} // namespace ykt::qr
