#include "crypto/certificate.h"

#include "crypto/mbedtls_owned.h"

#include <mbedtls/oid.h>

namespace ykt::crypto {
namespace {

constexpr std::string_view pemMark = "-----BEGIN CERTIFICATE-----";

// Exactly one certificate: of a chain we would check the first and let the rest pass unseen.
bool parseOne(X509Certificate& certificate, std::string_view pem) {
    const std::string text(pem); // mbedTLS wants the final zero
    return text.find(pemMark) != std::string::npos &&
           mbedtls_x509_crt_parse(certificate.get(), reinterpret_cast<const std::uint8_t*>(text.c_str()),
                                  text.size() + 1) == 0 &&
           certificate->next == nullptr;
}

std::string textOf(const mbedtls_asn1_buf& buffer) {
    return toText({buffer.p, buffer.len});
}

std::string commonNameOf(mbedtls_x509_name& name) {
    const auto* found =
        mbedtls_asn1_find_named_data(&name, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN));
    return found == nullptr ? std::string{} : textOf(found->val);
}

WallTime wallTimeOf(const mbedtls_x509_time& time) {
    using namespace std::chrono;
    const auto day = year(time.year) / month(static_cast<unsigned>(time.mon)) / static_cast<int>(time.day);
    return sys_days(day) + hours(time.hour) + minutes(time.min) + seconds(time.sec);
}

CertificateInfo infoOf(mbedtls_x509_crt& certificate) {
    return {.commonName = commonNameOf(certificate.subject),
            .notBefore = wallTimeOf(certificate.valid_from),
            .notAfter = wallTimeOf(certificate.valid_to),
            .serial = Bytes(certificate.serial.p, certificate.serial.p + certificate.serial.len),
            .isAuthority = certificate.ca_istrue != 0};
}

// RFC 5280, 4.1.2.5: both ends belong to the validity; notAfter lasts to the end of its second.
bool isValidAt(const CertificateInfo& info, WallTime at) {
    return info.notBefore <= at && at < info.notAfter + std::chrono::seconds(1);
}

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
