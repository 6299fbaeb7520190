// ECDSA over P-256 with SHA-256 (FIPS 186-4): the terminal's own key.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <memory>

namespace ykt::crypto {

using P256Signature = ByteArray<64>; // r ‖ s, as JOSE writes it

class P256PublicKey {
  public:
    // 33 or 65 bytes. Errors: key_invalid.
    static Result<P256PublicKey> fromPoint(ByteView point);
    [[nodiscard]] ByteArray<65> uncompressed() const;
    // Errors: signature_invalid, crypto_failed.
    [[nodiscard]] Result<void> verify(ByteView message, ByteView signature) const;

  private:
    struct Impl;
    explicit P256PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    friend class P256PrivateKey;
    std::shared_ptr<const Impl> impl_;
};

class P256PrivateKey {
  public:
    static Result<P256PrivateKey> generate();
    // PKCS#8 or SEC1, PEM. Errors: key_invalid.
    static Result<P256PrivateKey> fromPem(const Secret& pem);
    [[nodiscard]] Secret toPem() const;
    [[nodiscard]] P256PublicKey publicKey() const;
    [[nodiscard]] Result<P256Signature> sign(ByteView message) const;

  private:
    struct Impl;
    explicit P256PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

} // namespace ykt::crypto
