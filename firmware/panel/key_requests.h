// What the panel says of the terminal's keys and lets be done with them: GET /v1/keys, POST /v1/keys/rotate,
// POST /v1/keys/prune.
#pragma once

#include "firmware/keys/rotation.h"

namespace ykt::firmware::panel {

// Errors: key_store_failed.
Result<std::string> keysJson(const keys::KeyStore& keys);
// {"newest": 2}. Errors: those of keys::rotateDataKey.
Result<std::string> rotateKeys(keys::KeyStore& keys, offline_store::Store& store, WallTime now);
// {"forgotten": [1]}. Errors: those of keys::pruneDataKeys.
Result<std::string> pruneKeys(keys::KeyStore& keys, offline_store::Store& store);

} // namespace ykt::firmware::panel
