#include "crypto/aead.h"

#include "crypto/mbedtls_owned.h"
#include "crypto/random.h"

#include <algorithm>
#include <mbedtls/hkdf.h>

namespace ykt::crypto {
namespace {

Result<void> setKey(GcmContext& gcm, const Secret& key) {
    if (key.size() != aeadKeySize)
        return fail(Reason::key_invalid, "AES-256-GCM: key length");
    if (mbedtls_gcm_setkey(gcm.get(), MBEDTLS_CIPHER_ID_AES, key.reveal().data(), aeadKeySize * 8) != 0)
        return fail(Reason::crypto_failed, "AES-256-GCM");
    return {};
}

} // namespace

Result<Bytes> seal(const Secret& key, ByteView plain, ByteView associated) {
    GcmContext gcm;
    if (const auto set = setKey(gcm, key); !set)
        return failWith(set);
    const auto nonce = randomBytes(aeadNonceSize);
    if (!nonce)
        return failWith(nonce);
    Bytes sealed(aeadNonceSize + plain.size() + aeadTagSize);
    std::ranges::copy(*nonce, sealed.begin());
    auto* text = sealed.data() + aeadNonceSize;
    if (mbedtls_gcm_crypt_and_tag(gcm.get(), MBEDTLS_GCM_ENCRYPT, plain.size(), nonce->data(), aeadNonceSize,
                                  associated.data(), associated.size(), plain.data(), text, aeadTagSize,
                                  text + plain.size()) != 0)
        return fail(Reason::crypto_failed, "AES-256-GCM");
    return sealed;
}

Result<Secret> unseal(const Secret& key, ByteView sealed, ByteView associated) {
    GcmContext gcm;
    if (const auto set = setKey(gcm, key); !set)
        return failWith(set);
    if (sealed.size() < aeadNonceSize + aeadTagSize)
        return fail(Reason::unseal_failed, "shorter than nonce and tag");
    const auto nonce = sealed.first(aeadNonceSize);
    const auto tag = sealed.last(aeadTagSize);
    const auto text = sealed.subspan(aeadNonceSize, sealed.size() - aeadNonceSize - aeadTagSize);
    Bytes plain(text.size());
    if (mbedtls_gcm_auth_decrypt(gcm.get(), text.size(), nonce.data(), nonce.size(), associated.data(),
                                 associated.size(), tag.data(), tag.size(), text.data(), plain.data()) != 0)
        return fail(Reason::unseal_failed);
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
