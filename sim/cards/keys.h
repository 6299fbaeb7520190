// How the issuer's keys become a card's, and how a card proves them (LD/T 32 parts 4 and 9). For SM4 the
// published rule of 16-byte block ciphers is followed; that it holds for SM4 is inferred (docs/cards.md).
#pragma once

#include "base/secret.h"
#include "crypto/block_cipher.h"

#include <string_view>

namespace ykt::sim {

inline constexpr std::size_t keySize = 16;
inline constexpr std::size_t factorSize = 8;

// L2: six ASCII digits ‖ 73 78.
Bytes cityFactor(std::string_view cityCode);

// ENC(key, factor ‖ ~factor). `factor` is 8 bytes. Errors: key_invalid, crypto_failed.
Result<Secret> diversify(crypto::BlockCipher cipher, const Secret& key, ByteView factor);

// One block enciphered from 8 bytes, which are filled with zeros for a 16-byte cipher: makes a session key
// from a process factor. Errors: as diversify.
Result<Secret> sessionKey(crypto::BlockCipher cipher, const Secret& key, ByteView processFactor);

// The eight bytes that prove `key`: `original` enciphered with the session key, halves of 16 bytes XORed.
// Errors: as diversify.
Result<Bytes> proofOf(crypto::BlockCipher cipher, const Secret& key, ByteView processFactor,
                      ByteView original);

} // namespace ykt::sim
