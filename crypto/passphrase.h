// A key from words that people remember: scrypt (RFC 7914).
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::crypto {

// What scrypt costs: 128 * blocks * n bytes of memory, and time in proportion. The default takes 64 MiB.
struct ScryptCost {
    std::uint64_t n = 65'536; // a power of two, at most 2^20
    std::uint64_t blocks = 8; // r, at most 16
    std::uint64_t lanes = 1;  // p, at most 4
};

// 32 bytes. Errors: key_invalid (a cost beyond its bounds, no passphrase), crypto_failed (also: no memory).
Result<Secret> keyFromPassphrase(const Secret& passphrase, ByteView salt, const ScryptCost& cost);

} // namespace ykt::crypto
