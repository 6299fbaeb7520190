#include "crypto/certificate.h"

#include "crypto/x509_reading.h"

namespace ykt::crypto {
namespace {

// Called for each certificate of the chain. mbedTLS asks the system's clock; whether one is in force is for
// the caller's clock alone to say.
int judgeByCallersClock(void* at, mbedtls_x509_crt* certificate, int, std::uint32_t* flags) {
    *flags &= ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    if (!isValidAt(infoOf(*certificate), *static_cast<const WallTime*>(at)))
        *flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    return 0;
}

} // namespace

Result<CertificateInfo> readCertificate(std::string_view pem) {
    X509Certificate certificate;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    return infoOf(*certificate.get());
}

bool areAuthorities(std::string_view pem) {
    X509Certificate authorities;
    return parseAuthorities(authorities, pem);
}

Result<P256PublicKey> publicKeyOf(std::string_view pem) {
    X509Certificate certificate;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    return publicKeyOf(certificate->pk);
}

Result<void> checkCertificate(std::string_view pem, std::string_view caPem, WallTime at) {
    X509Certificate certificate;
    X509Certificate authorities;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    if (!parseAuthorities(authorities, caPem))
        return fail(Reason::certificate_invalid, "CA: not PEM certificates of authorities");
    std::uint32_t flags = 0;
    if (mbedtls_x509_crt_verify(certificate.get(), authorities.get(), nullptr, nullptr, &flags,
                                judgeByCallersClock, &at) == 0)
        return {};
    return fail(Reason::certificate_invalid, flags == MBEDTLS_X509_BADCERT_EXPIRED
                                                 ? "it or its CA is not in force at this time"
                                                 : "does not chain to a CA that is trusted");
}

} // namespace ykt::crypto
