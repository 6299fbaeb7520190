// Files with keys, and small ones in general. An error's context is "what is wrong; remedy", ready for a
// complaint.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <filesystem>

namespace ykt::drivers {

inline constexpr std::size_t longestFile = 65'536; // bytes

// Errors: config_unreadable (missing, no regular file, too long).
Result<Bytes> readFile(const std::filesystem::path& path);

// As readFile, of a file that only its owner may read, who is us or root. Errors: also config_value (another
// owner; group or others have any right).
Result<Secret> readKeyFile(const std::filesystem::path& path);

} // namespace ykt::drivers
