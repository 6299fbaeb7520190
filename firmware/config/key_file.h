// The keys that a profile names.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <filesystem>

namespace ykt::firmware::config {

// A key file (drivers/system/key_file.h) of 32 bytes in hexadecimal, white space allowed. Errors: those of
// drivers::readKeyFile; config_value.
Result<Secret> readSymmetricKey(const std::filesystem::path& path);

} // namespace ykt::firmware::config
