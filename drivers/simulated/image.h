// Image files as luma planes.
#pragma once

#include "hal/image.h"

#include <filesystem>

namespace ykt::drivers {

using hal::Image;

// A PNG of any kind (8 or 16 bits, grey, palette, RGB; transparent parts become white) or a binary PGM (P5,
// up to 65535 grey levels) or a JPEG, told apart by content. At most 8192 pixels a side and 64 MiB a file.
// Errors: frame_invalid.
Result<Image> loadLuma(const std::filesystem::path& path);

} // namespace ykt::drivers
