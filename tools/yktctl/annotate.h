// What was found in a picture, drawn on it.
#pragma once

#include "hal/image.h"
#include "qr/symbol_reader.h"

#include <filesystem>

namespace ykt::tools {

// Writes the picture as a colour PNG: each symbol outlined, its top edge in another colour, with the name of
// the pass that read it. Errors: config_unreadable (the file cannot be written).
Result<void> annotate(const hal::Image& image, const std::vector<qr::Symbol>& symbols,
                      const std::filesystem::path& file);

} // namespace ykt::tools
