// The file that keeps a terminal's keys, each wrapped by the KEK: JSON, mode 0600, replaced as a whole.
// docs/keys.md has its form.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

namespace ykt::firmware::keys {

struct KeyStoreContent {
    struct DataKey {
        std::uint32_t number = 0; // from 1, rising in the list
        std::string made;         // for people: when, in UTC
        std::string wrapped;
    };
    struct Identity {
        std::string certificatePem;
        std::string wrapped; // its private key
    };
    nlohmann::json kek; // KeyEncryption::description
    std::vector<DataKey> dataKeys;
    std::vector<Identity> identities; // oldest first
};

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
