// An 8-bit luma picture in memory, and how it goes to disk.
#pragma once

#include "hal/camera.h"

#include <filesystem>

namespace ykt::sim {

// Rows without padding: luma.size() is width * height.
struct Image {
    int width = 0;  // pixels
    int height = 0; // pixels
    Bytes luma;

    // Valid as long as this image lives and is not changed.
    [[nodiscard]] hal::Frame frame() const {
        return {.luma = luma.data(), .width = width, .height = height, .stride = width};
    }
};

// 8-bit greyscale PNG, written under a temporary name in the same folder and then renamed, so that whoever
// watches the folder sees whole files only. Errors: frame_invalid (empty image, or the file cannot be
// written).
Result<void> writePng(const std::filesystem::path& path, const Image& image);

} // namespace ykt::sim
