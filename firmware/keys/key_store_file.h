// The file that keeps a terminal's keys, each wrapped by the KEK: mode 0600, replaced as a whole.
#pragma once

#include "firmware/keys/key_store_format.h"

#include <filesystem>
#include <functional>

namespace ykt::firmware::keys {

// Errors: key_store_failed (missing, readable by others, damaged).
Result<KeyStoreContent> readKeyStore(const std::filesystem::path& file);
// After it the file holds `content`, also across a power cut; on an error, and until then, what it held.
// Errors: key_store_failed.
Result<void> writeKeyStore(const std::filesystem::path& file, const KeyStoreContent& content);
// Reads, lets `change` change, and writes, while no other thread or program does. Errors: also those of
// `change`, which leave the file as it was.
Result<void> changeKeyStore(const std::filesystem::path& file,
                            const std::function<Result<void>(KeyStoreContent&)>& change);

} // namespace ykt::firmware::keys
