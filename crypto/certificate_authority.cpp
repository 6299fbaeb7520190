#include "crypto/certificate_authority.h"

#include <algorithm>

namespace ykt::crypto {

namespace {

constexpr std::chrono::days before{1};

} // namespace

Result<CertificateAuthority> CertificateAuthority::open(std::string caPem, const Secret& keyPem,
                                                        std::chrono::days validity, WallTime now) {
    auto info = readCertificate(caPem);
    if (!info)
        return failWith(info);
    auto key = P256PrivateKey::fromPem(keyPem);
    if (!key)
        return failWith(key);
    const auto its = publicKeyOf(caPem);
    if (!its || its->uncompressed() != key->publicKey().uncompressed())
        return fail(Reason::key_invalid, "CA: not its certificate's key");
    CertificateAuthority authority(std::move(caPem), std::move(*info), std::move(*key), validity);
    // What it signs is checked, so it is tried here and not when the first terminal asks.
    const auto tried = authority.sign({"trial", authority.key_.publicKey()}, now);
    if (!tried)
        return failWith(tried);
    return authority;
}

Result<std::string> CertificateAuthority::sign(const SigningRequest& request, WallTime now) const {
    const CertificateRequest as{request.commonName,
                                {},
                                std::max(now - before, info_.notBefore),
                                std::min<WallTime>(now + validity_, info_.notAfter),
                                false};
    auto made = makeCertificateUnder(pem_, key_, as, request.subject);
    if (!made)
        return made;
    if (const auto right = checkCertificate(*made, pem_, now); !right)
        return failWith(right);
    return made;
}

} // namespace ykt::crypto
