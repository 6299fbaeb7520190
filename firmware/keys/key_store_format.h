// The JSON of the file that keeps a terminal's keys. docs/keys.md has its form.
#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
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

// Errors: key_store_failed, with the path of what is wrong.
Result<KeyStoreContent> parseKeyStore(std::string_view text);
std::string formatKeyStore(const KeyStoreContent& content);

} // namespace ykt::firmware::keys
