// AES-256-GCM (NIST SP 800-38D) and HKDF-SHA-256 (RFC 5869).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::crypto {

inline constexpr std::size_t aeadKeySize = 32;
inline constexpr std::size_t aeadNonceSize = 12;
inline constexpr std::size_t aeadTagSize = 16;

// nonce(12, random) ‖ ciphertext ‖ tag(16). Errors: key_invalid, crypto_failed.
Result<Bytes> seal(const Secret& key, ByteView plain, ByteView associated);
// Errors: unseal_failed (changed text, wrong key or wrong associated data), key_invalid, crypto_failed.
Result<Secret> unseal(const Secret& key, ByteView sealed, ByteView associated);

// `size` bytes, at most 255 * 32.
Result<Secret> hkdf(const Secret& key, ByteView salt, std::string_view info, std::size_t size);

} // namespace ykt::crypto
