#include "crypto/x509_reading.h"

#include <mbedtls/oid.h>

namespace ykt::crypto {
namespace {

constexpr std::string_view pemMark = "-----BEGIN CERTIFICATE-----";

std::string textOf(const mbedtls_asn1_buf& buffer) {
    return toText({buffer.p, buffer.len});
}

std::string commonNameOf(mbedtls_x509_name name) { // a shallow copy: mbedTLS asks for one that it may change
    const auto* found =
        mbedtls_asn1_find_named_data(&name, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN));
    return found == nullptr ? std::string{} : textOf(found->val);
}

WallTime wallTimeOf(const mbedtls_x509_time& time) {
    using namespace std::chrono;
    const auto day = year(time.year) / month(static_cast<unsigned>(time.mon)) / static_cast<int>(time.day);
    return sys_days(day) + hours(time.hour) + minutes(time.min) + seconds(time.sec);
}

} // namespace

bool parseOne(X509Certificate& certificate, std::string_view pem) {
    const std::string text(pem); // mbedTLS wants the final zero
    return text.find(pemMark) != std::string::npos &&
           mbedtls_x509_crt_parse(certificate.get(), reinterpret_cast<const std::uint8_t*>(text.c_str()),
                                  text.size() + 1) == 0 &&
           certificate->next == nullptr;
}

CertificateInfo infoOf(const mbedtls_x509_crt& certificate) {
    return {.commonName = commonNameOf(certificate.subject),
            .notBefore = wallTimeOf(certificate.valid_from),
            .notAfter = wallTimeOf(certificate.valid_to),
            .serial = Bytes(certificate.serial.p, certificate.serial.p + certificate.serial.len),
            .isAuthority = certificate.ca_istrue != 0};
}

bool isValidAt(const CertificateInfo& info, WallTime at) {
    return info.notBefore <= at && at < info.notAfter + std::chrono::seconds(1);
}

} // namespace ykt::crypto
