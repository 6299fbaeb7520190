// SM2 signatures with SM3 (GB/T 32918.2, curve sm2p256v1 of GB/T 32918.5), user id fixed per call.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

#include <memory>

namespace ykt::crypto {

// The id that GM/T 0009 and JT/T 1179 give: sixteen ASCII characters.
inline constexpr std::string_view defaultSm2Id = "1234567812345678";

using Sm2Signature = ByteArray<64>; // r (32, big-endian) then s (32)

// A point that was checked to lie on the curve and not to be the point at infinity.
class Sm2PublicKey {
  public:
    // 33 bytes (02/03 ‖ x) or 65 bytes (04 ‖ x ‖ y). Errors: key_invalid.
    static Result<Sm2PublicKey> fromPoint(ByteView point);

    [[nodiscard]] ByteArray<33> compressed() const;
    [[nodiscard]] ByteArray<65> uncompressed() const;

    // Errors: signature_invalid (also for r or s outside 1..n-1), crypto_failed.
    [[nodiscard]] Result<void> verify(ByteView message, ByteView signature,
                                      std::string_view id = defaultSm2Id) const;

    bool operator==(const Sm2PublicKey& other) const { return uncompressed() == other.uncompressed(); }

  private:
    struct Impl;
    explicit Sm2PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    friend class Sm2PrivateKey;
    std::shared_ptr<const Impl> impl_;
};

class Sm2PrivateKey {
  public:
    static Result<Sm2PrivateKey> generate();
    // 32 bytes, big-endian, 1..n-2. Errors: key_invalid.
    static Result<Sm2PrivateKey> fromScalar(const Secret& scalar);

    [[nodiscard]] Sm2PublicKey publicKey() const;
    [[nodiscard]] Secret scalar() const;
    // Errors: crypto_failed.
    [[nodiscard]] Result<Sm2Signature> sign(ByteView message, std::string_view id = defaultSm2Id) const;

  private:
    struct Impl;
    explicit Sm2PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<const Impl> impl_;
};

} // namespace ykt::crypto
