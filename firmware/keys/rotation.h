// Data keys that change while the terminal works.
#pragma once

#include "firmware/keys/key_store.h"
#include "offline_store/store.h"

namespace ykt::firmware::keys {

// A new data key, durable in the key store before the store seals with it: killed in between, the next start
// uses it. Its number. Errors: key_store_failed, crypto_failed, store_failed, store_full.
Result<std::uint32_t> rotateDataKey(KeyStore& keys, offline_store::Store& store, WallTime now);

// Forgets the data keys that no row of the database needs; tells which. A database that was moved aside is
// not looked into. Errors: as above, and store_corrupt.
Result<std::vector<std::uint32_t>> pruneDataKeys(KeyStore& keys, offline_store::Store& store);

} // namespace ykt::firmware::keys
