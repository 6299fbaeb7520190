#include "crypto/x509_reading.h"

#include <mbedtls/oid.h>

namespace ykt::crypto {
namespace {

constexpr std::string_view pemMark = "-----BEGIN CERTIFICATE-----";

std::string textOf(const mbedtls_asn1_buf& buffer) {
    return toText({buffer.p, buffer.len});
}

WallTime wallTimeOf(const mbedtls_x509_time& time) {
    using namespace std::chrono;
    const auto day = year(time.year) / month(static_cast<unsigned>(time.mon)) / static_cast<int>(time.day);
    return sys_days(day) + hours(time.hour) + minutes(time.min) + seconds(time.sec);
}

bool parseAll(X509Certificate& first, std::string_view pem) {
    const std::string text(pem); // mbedTLS wants the final zero
    return text.find(pemMark) != std::string::npos &&
           mbedtls_x509_crt_parse(first.get(), reinterpret_cast<const std::uint8_t*>(text.c_str()),
                                  text.size() + 1) == 0;
}

} // namespace

std::string commonNameOf(mbedtls_x509_name name) {
    const auto* found =
        mbedtls_asn1_find_named_data(&name, MBEDTLS_OID_AT_CN, MBEDTLS_OID_SIZE(MBEDTLS_OID_AT_CN));
    return found == nullptr ? std::string{} : textOf(found->val);
}

Result<P256PublicKey> publicKeyOf(const mbedtls_pk_context& key) {
    const auto refused = fail(Reason::certificate_invalid, "a key that is not on P-256");
    if (mbedtls_pk_can_do(&key, MBEDTLS_PK_ECKEY) == 0)
        return refused;
    const auto* pair = mbedtls_pk_ec(key);
    ByteArray<65> point{};
    std::size_t size = 0;
    if (pair->grp.id != MBEDTLS_ECP_DP_SECP256R1 ||
        mbedtls_ecp_point_write_binary(&pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &size, point.data(),
                                       point.size()) != 0)
        return refused;
    return P256PublicKey::fromPoint(point);
}

bool parseOne(X509Certificate& certificate, std::string_view pem) {
    return parseAll(certificate, pem) && certificate->next == nullptr;
}

bool parseAuthorities(X509Certificate& authorities, std::string_view pem) {
    if (!parseAll(authorities, pem))
        return false;
    for (const auto* one = authorities.get(); one != nullptr; one = one->next)
        if (one->ca_istrue == 0)
            return false;
    return true;
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
