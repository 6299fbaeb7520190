#pragma once

#include "firmware/keys/key_store_file.h"

namespace ykt::firmware::keys {

// {"kek": "tpm", "data_keys": [{"number", "made"}], "identities": [{"common_name", "serial", "not_before",
// "not_after"}]}: what may be told of a key store, which is nothing secret.
nlohmann::json keyList(const KeyStoreContent& content);

} // namespace ykt::firmware::keys
