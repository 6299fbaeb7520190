#include "crypto/block_cipher.h"

#include "crypto/openssl_owned.h"

#include <algorithm>
#include <limits>

namespace ykt::crypto {
namespace {

enum class Direction { decrypt = 0, encrypt = 1 };

Result<Secret> fullKey(BlockCipher cipher, const Secret& key) {
    if (key.size() == 16)
        return key.clone();
    if (cipher == BlockCipher::triple_des && key.size() == 8)
        return Secret(concat({key.reveal(), key.reveal()}));
    return fail(Reason::key_invalid, "block cipher: key length");
}

// `iv` may be empty for ECB.
Result<Bytes> transform(const EVP_CIPHER* mode, Direction direction, const Secret& key, ByteView iv,
                        ByteView blocks) {
    if (blocks.size() > std::numeric_limits<int>::max())
        return fail(Reason::crypto_failed, "block cipher: too long");
    const ErrorQueueGuard guard;
    const EvpCipherContext context(EVP_CIPHER_CTX_new());
    Bytes out(blocks.size());
    int size = 0;
    if (!context || EVP_CipherInit_ex2(context.get(), mode, key.reveal().data(), iv.data(),
                                       static_cast<int>(direction), nullptr) != 1)
        return fail(Reason::crypto_failed, "block cipher");
    EVP_CIPHER_CTX_set_padding(context.get(), 0);
    if (EVP_CipherUpdate(context.get(), out.data(), &size, blocks.data(), static_cast<int>(blocks.size())) !=
        1)
        return fail(Reason::crypto_failed, "block cipher");
    return out;
}

Result<Bytes> transformEcb(BlockCipher cipher, Direction direction, const Secret& key, ByteView blocks) {
    if (blocks.size() % blockSize(cipher) != 0)
        return fail(Reason::crypto_failed, "block cipher: not whole blocks");
    const auto full = fullKey(cipher, key);
    if (!full)
        return failWith(full);
    if (blocks.empty())
        return Bytes{};
    const auto* mode = cipher == BlockCipher::sm4 ? EVP_sm4_ecb() : EVP_des_ede_ecb();
    return transform(mode, direction, *full, {}, blocks);
}

Bytes padded(ByteView data, std::size_t block) {
    Bytes out(data.begin(), data.end());
    out.push_back(0x80);
    out.resize((out.size() + block - 1) / block * block);
    return out;
}

} // namespace

Result<Bytes> encryptEcb(BlockCipher cipher, const Secret& key, ByteView blocks) {
    return transformEcb(cipher, Direction::encrypt, key, blocks);
}

Result<Bytes> decryptEcb(BlockCipher cipher, const Secret& key, ByteView blocks) {
    return transformEcb(cipher, Direction::decrypt, key, blocks);
}

Result<Bytes> cbcMac(BlockCipher cipher, const Secret& key, ByteView data, ByteView iv) {
    const auto block = blockSize(cipher);
    if (!iv.empty() && iv.size() != block)
        return fail(Reason::crypto_failed, "CBC-MAC: first vector is not one block");
    const auto full = fullKey(cipher, key);
    if (!full)
        return failWith(full);
    Bytes first(block);
    std::ranges::copy(iv, first.begin());
    const auto* mode = cipher == BlockCipher::sm4 ? EVP_sm4_cbc() : EVP_des_ede_cbc();
    return transform(mode, Direction::encrypt, *full, first, padded(data, block)).map([block](Bytes&& chain) {
        return Bytes(chain.end() - static_cast<std::ptrdiff_t>(block), chain.end());
    });
}

} // namespace ykt::crypto
