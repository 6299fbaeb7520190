// Wraps keys for rest with the key-encryption key (KEK): AES-256-GCM under 32 bytes that come from a file,
// from a TPM 2.0 that sealed them, or from a passphrase by scrypt.
#pragma once

#include "firmware/keys/kek_source.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::keys {

class KeyEncryption {
  public:
    // A KEK for new wrappings: the TPM seals a fresh one, a passphrase gets a fresh salt. Errors:
    // key_store_failed, crypto_failed.
    static Result<KeyEncryption> make(const KekSource& source);
    // The one that `description` tells of. Errors: key_store_failed (the source is of another kind, gives
    // another key, or cannot be used; the description is damaged), crypto_failed.
    static Result<KeyEncryption> open(const KekSource& source, const nlohmann::json& description);

    // What open() needs besides the source, with no secret in it; another one after each make().
    [[nodiscard]] const nlohmann::json& description() const { return description_; }

    // Base64, bound to `name`. Errors: crypto_failed.
    [[nodiscard]] Result<std::string> wrap(const Secret& secret, std::string_view name) const;
    // Errors: key_store_failed (damaged, of another name or under another KEK).
    [[nodiscard]] Result<Secret> unwrap(std::string_view wrapped, std::string_view name) const;

  private:
    KeyEncryption(Secret key, nlohmann::json description)
        : key_(std::move(key)), description_(std::move(description)) {}

    Secret key_;
    nlohmann::json description_;
};

} // namespace ykt::firmware::keys
