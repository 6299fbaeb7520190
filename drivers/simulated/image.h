// Image files as luma planes.
#pragma once

#include "hal/image.h"

#include <filesystem>

namespace ykt::drivers {

using hal::Image;

// A PNG of any kind (8 or 16 bits, grey, palette, RGB), a JPEG, a WebP that does not move, or a binary PGM
// (P5, up to 65535 grey levels), told apart by content. Transparent parts become white. At most 8192 pixels
// a side and 64 MiB a file.
// Errors: frame_invalid.
Result<Image> loadLuma(const std::filesystem::path& path);

} // namespace ykt::drivers
