// The keys that seal the store's rows, by number. The newest seals what is written from now on; a row says
// which one sealed it, so that a key can be replaced while the terminal works.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

#include <map>

namespace ykt::offline_store {

class KeyRing {
  public:
    KeyRing() = default;
    KeyRing(Secret only) { keys_.emplace(1, std::move(only)); } // NOLINT: one key is a ring, numbered 1

    [[nodiscard]] KeyRing clone() const;

    // Replaces a key of that number. 32 bytes.
    void add(std::uint32_t number, Secret key) { keys_.insert_or_assign(number, std::move(key)); }
    void forget(std::uint32_t number) { keys_.erase(number); }
    [[nodiscard]] std::uint32_t newest() const { return keys_.empty() ? 0 : keys_.rbegin()->first; }

    // By the newest. Errors: key_invalid (also: the ring is empty), crypto_failed.
    [[nodiscard]] Result<Bytes> seal(ByteView plain, ByteView associated) const;
    // Errors: unseal_failed (also: no key of that number), key_invalid.
    [[nodiscard]] Result<Secret> unseal(std::uint32_t number, ByteView sealed, ByteView associated) const;
    // By whichever key opens it. Errors: unseal_failed, key_invalid.
    [[nodiscard]] Result<Secret> unseal(ByteView sealed, ByteView associated) const;

  private:
    std::map<std::uint32_t, Secret> keys_;
};

} // namespace ykt::offline_store
