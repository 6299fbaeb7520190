// A terminal's keys at rest: the store's data keys, and the certificates with their private keys that it
// shows to the back office. Every call reads the file, so that what a tool changed meanwhile is not undone;
// safe to call from several threads.
#pragma once

#include "base/time.h"
#include "crypto/tls.h"
#include "firmware/keys/key_encryption.h"
#include "firmware/keys/key_store_file.h"
#include "offline_store/key_ring.h"

#include <memory>
#include <set>

namespace ykt::firmware::keys {

class KeyStore {
  public:
    // Makes the file with one data key. Errors: key_store_failed (also: there is one), crypto_failed.
    static Result<std::unique_ptr<KeyStore>> make(const std::filesystem::path& file, const KekSource& source,
                                                  WallTime now);
    // Errors: key_store_failed (also: the KEK is another one), crypto_failed.
    static Result<std::unique_ptr<KeyStore>> open(const std::filesystem::path& file, const KekSource& source);
    // Wraps everything with another KEK. One that is open keeps the earlier KEK: it can read no longer, until
    // it is opened again. Errors: as open.
    static Result<void> rewrap(const std::filesystem::path& file, const KekSource& from, const KekSource& to);

    [[nodiscard]] Result<KeyStoreContent> content() const; // wrapped, for lists

    // Errors of all that follow: key_store_failed, crypto_failed.
    [[nodiscard]] Result<offline_store::KeyRing> dataKeys() const;
    // The number and the key of a new one, which is durable.
    Result<std::pair<std::uint32_t, Secret>> addDataKey(WallTime now);
    // All but those `needed` and the newest. The numbers that are gone.
    Result<std::vector<std::uint32_t>> forgetDataKeys(const std::set<std::uint32_t>& needed);

    // Oldest first; the private keys as PEM.
    [[nodiscard]] Result<std::vector<crypto::TlsIdentity>> identities() const;
    // In the place of all that are there.
    Result<void> setIdentities(const std::vector<crypto::TlsIdentity>& identities);

  private:
    KeyStore(std::filesystem::path file, KeyEncryption kek) : file_(std::move(file)), kek_(std::move(kek)) {}
    // Errors: key_store_failed (the file is under another KEK since).
    [[nodiscard]] Result<void> checkKek(const KeyStoreContent& content) const;
    Result<void> change(const std::function<Result<void>(KeyStoreContent&)>& change);

    std::filesystem::path file_;
    KeyEncryption kek_;
};

} // namespace ykt::firmware::keys
