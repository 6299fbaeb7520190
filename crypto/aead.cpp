#include "crypto/aead.h"

#include "crypto/openssl_owned.h"
#include "crypto/random.h"

#include <algorithm>
#include <mbedtls/hkdf.h>

namespace ykt::crypto {
namespace {

constexpr int decrypting = 0;
constexpr int encrypting = 1;

// OpenSSL's, which uses the processor's instructions for it on x86 and ARM: every record is sealed. Looked up
// once: each look-up costs as much as the sealing of a record.
const EVP_CIPHER* aes256Gcm() {
    static const OpensslOwned<EVP_CIPHER, EVP_CIPHER_free> cipher(
        EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
    return cipher.get();
}

// Ready to run over the text, the associated data being in. Errors: key_invalid, crypto_failed.
Result<EvpCipherContext> begin(int direction, const Secret& key, ByteView nonce, ByteView associated) {
    if (key.size() != aeadKeySize)
        return fail(Reason::key_invalid, "AES-256-GCM: key length");
    EvpCipherContext context(EVP_CIPHER_CTX_new());
    int length = 0;
    if (!context || !aes256Gcm() ||
        EVP_CipherInit_ex2(context.get(), aes256Gcm(), key.reveal().data(), nonce.data(), direction,
                           nullptr) != 1 ||
        EVP_CipherUpdate(context.get(), nullptr, &length, associated.data(),
                         static_cast<int>(associated.size())) != 1)
        return fail(Reason::crypto_failed, "AES-256-GCM");
    return context;
}

// As long as `from`.
bool run(EvpCipherContext& context, ByteView from, std::uint8_t* to) {
    int length = 0;
    return EVP_CipherUpdate(context.get(), to, &length, from.data(), static_cast<int>(from.size())) == 1;
}

} // namespace

Result<Bytes> seal(const Secret& key, ByteView plain, ByteView associated) {
    const ErrorQueueGuard guard;
    const auto nonce = randomBytes(aeadNonceSize);
    if (!nonce)
        return failWith(nonce);
    auto context = begin(encrypting, key, *nonce, associated);
    if (!context)
        return failWith(context);
    Bytes sealed(aeadNonceSize + plain.size() + aeadTagSize);
    std::ranges::copy(*nonce, sealed.begin());
    auto* text = sealed.data() + aeadNonceSize;
    auto* tag = text + plain.size();
    int none = 0;
    if (!run(*context, plain, text) || EVP_CipherFinal_ex(context->get(), tag, &none) != 1 ||
        EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_GET_TAG, aeadTagSize, tag) != 1)
        return fail(Reason::crypto_failed, "AES-256-GCM");
    return sealed;
}

Result<Secret> unseal(const Secret& key, ByteView sealed, ByteView associated) {
    const ErrorQueueGuard guard;
    if (sealed.size() < aeadNonceSize + aeadTagSize)
        return fail(Reason::unseal_failed, "shorter than nonce and tag");
    auto context = begin(decrypting, key, sealed.first(aeadNonceSize), associated);
    if (!context)
        return failWith(context);
    const auto text = sealed.subspan(aeadNonceSize, sealed.size() - aeadNonceSize - aeadTagSize);
    ByteArray<aeadTagSize> tag{};
    std::ranges::copy(sealed.last(aeadTagSize), tag.begin());
    Bytes plain(text.size());
    int none = 0;
    if (!run(*context, text, plain.data()) ||
        EVP_CIPHER_CTX_ctrl(context->get(), EVP_CTRL_AEAD_SET_TAG, aeadTagSize, tag.data()) != 1 ||
        EVP_CipherFinal_ex(context->get(), tag.data(), &none) != 1) {
        wipe(plain);
        return fail(Reason::unseal_failed);
    }
    return Secret(std::move(plain));
}

Result<Secret> hkdf(const Secret& key, ByteView salt, std::string_view info, std::size_t size) {
    const auto label = asBytes(info);
    Bytes out(size);
    if (mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), salt.data(), salt.size(),
                     key.reveal().data(), key.size(), label.data(), label.size(), out.data(),
                     out.size()) != 0)
        return fail(Reason::crypto_failed, "HKDF: length");
    return Secret(std::move(out));
}

} // namespace ykt::crypto
