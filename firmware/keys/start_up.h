// The keys of a terminal that starts.
#pragma once

#include "firmware/keys/key_store.h"

namespace ykt::firmware::keys {

struct KeySettings {
    std::filesystem::path file;
    KekSource kek;
};

// Opens the key store, or makes it at the first start. One that is gone while the database it belongs to is
// there is an error: new keys would open nothing. Errors: key_store_failed, crypto_failed.
Result<std::unique_ptr<KeyStore>> openKeys(const KeySettings& settings, const std::filesystem::path& database,
                                           WallTime now);

// Takes the certificate and key that the profile names into the key store, unless one there began as late or
// later: what was renewed since is not undone. An empty certificate: none is named. Errors: key_store_failed
// (also: there is none then), certificate_invalid.
Result<void> adoptIdentity(KeyStore& keys, const crypto::TlsIdentity& given);

} // namespace ykt::firmware::keys
