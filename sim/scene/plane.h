// Luma in light units, before the sensor: may leave 0..255.
#pragma once

#include <vector>

namespace ykt::sim {

struct Plane {
    Plane(int planeWidth, int planeHeight, float luma = 0.0F)
        : width(planeWidth), height(planeHeight),
          values(static_cast<std::size_t>(planeWidth) * static_cast<std::size_t>(planeHeight), luma) {}

    float* row(int y) { return values.data() + static_cast<std::ptrdiff_t>(y) * width; }
    [[nodiscard]] const float* row(int y) const {
        return values.data() + static_cast<std::ptrdiff_t>(y) * width;
    }

    int width;
    int height;
    std::vector<float> values;
};

} // namespace ykt::sim
