// Files that people give to the tool.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <filesystem>

namespace ykt::tools {

// The whole file or pipe, at most 16 MiB. Errors: config_unreadable.
Result<Bytes> readInput(const std::filesystem::path& file);

} // namespace ykt::tools
