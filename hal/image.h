// A luma picture in memory: what a frame looks at.
#pragma once

#include "hal/camera.h"

namespace ykt::hal {

// Rows without padding: luma.size() is width * height.
struct Image {
    int width = 0;  // pixels
    int height = 0; // pixels
    Bytes luma;

    // Valid as long as this image lives and is not changed.
    [[nodiscard]] Frame frame() const {
        return {.luma = luma.data(), .width = width, .height = height, .stride = width, .taken = {}};
    }
};

} // namespace ykt::hal
