#include "crypto/digest.h"

#include "crypto/openssl_owned.h"

#include <mbedtls/md.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdexcept>

namespace ykt::crypto {
namespace {

// A digest of bytes in memory cannot fail but for memory or a library built without it.
void require(bool done, const char* algorithm) {
    if (!done)
        throw std::runtime_error(std::string("library without ") + algorithm);
}

// OpenSSL reads a null key as "keep the former key" and mbedTLS hands null to memcpy.
const std::uint8_t* notNull(ByteView view) {
    static constexpr std::uint8_t nothing = 0;
    return view.empty() ? &nothing : view.data();
}

} // namespace

Digest sm3(ByteView data) {
    Digest digest{};
    require(EVP_Digest(notNull(data), data.size(), digest.data(), nullptr, EVP_sm3(), nullptr) == 1, "SM3");
    return digest;
}

Digest sha256(ByteView data) {
    // OpenSSL's, which uses the processor's instructions for it where there are any: every record is hashed
    // twice.
    Digest digest{};
    require(SHA256(notNull(data), data.size(), digest.data()) != nullptr, "SHA-256");
    return digest;
}

Digest hmacSm3(const Secret& key, ByteView data) {
    Digest mac{};
    const auto* out = HMAC(EVP_sm3(), notNull(key.reveal()), static_cast<int>(key.size()), notNull(data),
                           data.size(), mac.data(), nullptr);
    require(out != nullptr, "HMAC-SM3");
    return mac;
}

Digest hmacSha256(const Secret& key, ByteView data) {
    Digest mac{};
    require(mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), notNull(key.reveal()), key.size(),
                            notNull(data), data.size(), mac.data()) == 0,
            "HMAC-SHA-256");
    return mac;
}

} // namespace ykt::crypto
