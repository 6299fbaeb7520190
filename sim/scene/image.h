// How a luma picture goes to disk.
#pragma once

#include "hal/image.h"

#include <filesystem>

namespace ykt::sim {

using hal::Image;

// 8-bit greyscale PNG, written under a temporary name in the same folder and then renamed, so that whoever
// watches the folder sees whole files only. Errors: frame_invalid (empty image, or the file cannot be
// written).
Result<void> writePng(const std::filesystem::path& path, const Image& image);

} // namespace ykt::sim
