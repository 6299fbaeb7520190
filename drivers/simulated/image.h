// Image files as luma planes.
#pragma once

#include "hal/camera.h"

#include <filesystem>

namespace ykt::drivers {

// Rows without padding: luma.size() is width * height.
struct Image {
    int width = 0;  // pixels
    int height = 0; // pixels
    Bytes luma;

    // Valid as long as this image lives and is not changed.
    [[nodiscard]] hal::Frame frame() const {
        return {.luma = luma.data(), .width = width, .height = height, .stride = width, .taken = {}};
    }
};

// A PNG of any kind (8 or 16 bits, grey, palette, RGB; transparent parts become white) or a binary PGM (P5,
// up to 65535 grey levels) or a JPEG, told apart by content. At most 8192 pixels a side and 64 MiB a file.
// Errors: frame_invalid.
Result<Image> loadLuma(const std::filesystem::path& path);

} // namespace ykt::drivers
