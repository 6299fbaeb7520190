#include "crypto/certificate.h"

#include "crypto/x509_reading.h"

namespace ykt::crypto {
namespace {

// mbedTLS asks the system's clock; whether a certificate is in force is for the caller's clock alone to say.
int ignoreSystemClock(void*, mbedtls_x509_crt*, int, std::uint32_t* flags) {
    *flags &= ~static_cast<std::uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    return 0;
}

} // namespace

Result<CertificateInfo> readCertificate(std::string_view pem) {
    X509Certificate certificate;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    return infoOf(*certificate.get());
}

Result<P256PublicKey> publicKeyOf(std::string_view pem) {
    X509Certificate certificate;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    return publicKeyOf(certificate->pk);
}

Result<void> checkCertificate(std::string_view pem, std::string_view caPem, WallTime at) {
    X509Certificate certificate;
    X509Certificate authority;
    if (!parseOne(certificate, pem))
        return fail(Reason::certificate_invalid, "not one PEM certificate");
    if (!parseOne(authority, caPem))
        return fail(Reason::certificate_invalid, "CA: not one PEM certificate");
    if (authority->ca_istrue == 0)
        return fail(Reason::certificate_invalid, "CA: not marked as an authority");
    if (!isValidAt(infoOf(*authority.get()), at))
        return fail(Reason::certificate_invalid, "CA: not in force at this time");
    if (!isValidAt(infoOf(*certificate.get()), at))
        return fail(Reason::certificate_invalid, "not in force at this time");
    std::uint32_t flags = 0;
    if (mbedtls_x509_crt_verify(certificate.get(), authority.get(), nullptr, nullptr, &flags,
                                ignoreSystemClock, nullptr) != 0)
        return fail(Reason::certificate_invalid, "does not chain to the CA");
    return {};
}

} // namespace ykt::crypto
