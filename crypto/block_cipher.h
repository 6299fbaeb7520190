// The block ciphers of cards: SM4 (GB/T 32907) and two-key triple DES, raw blocks and CBC-MAC.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace ykt::crypto {

enum class BlockCipher { triple_des, sm4 };

constexpr std::size_t blockSize(BlockCipher cipher) {
    return cipher == BlockCipher::sm4 ? 16 : 8;
}

// ECB without padding over whole blocks. `key` is 16 bytes; for triple_des 8 bytes are taken as K‖K (single
// DES). Errors: key_invalid, crypto_failed (not whole blocks).
Result<Bytes> encryptEcb(BlockCipher cipher, const Secret& key, ByteView blocks);
Result<Bytes> decryptEcb(BlockCipher cipher, const Secret& key, ByteView blocks);

// CBC-MAC with a zero first vector (or `iv`, one block): the last block, whole. `data` is padded with
// 80 00... to whole blocks, always at least one byte (ISO/IEC 9797-1 padding method 2). Errors: as
// encryptEcb.
Result<Bytes> cbcMac(BlockCipher cipher, const Secret& key, ByteView data, ByteView iv = {});

} // namespace ykt::crypto
