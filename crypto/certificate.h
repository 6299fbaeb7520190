// X.509 v3 certificates with P-256 keys (RFC 5280): reading, checking against pinned CAs, and making.
#pragma once

#include "crypto/p256.h"

#include <string>
#include <vector>

namespace ykt::crypto {

struct CertificateInfo {
    std::string commonName;
    WallTime notBefore{};
    WallTime notAfter{};
    Bytes serial;
    bool isAuthority = false;
};

// `pem` is exactly one certificate. Errors: certificate_invalid.
Result<CertificateInfo> readCertificate(std::string_view pem);
// `pem` is one certificate or more, and each is an authority's.
bool areAuthorities(std::string_view pem);
// The key that it is for. Errors: certificate_invalid (also: not on P-256).
Result<P256PublicKey> publicKeyOf(std::string_view pem);
// `pem` is signed by one of the authorities `caPem`, and both are in force at `at`; the system's clock is not
// asked. Errors: certificate_invalid.
Result<void> checkCertificate(std::string_view pem, std::string_view caPem, WallTime at);

struct CertificateRequest {
    std::string commonName;
    // Subject alternative names. An IP address ("127.0.0.1", "::1") is written as an iPAddress, and as a
    // dNSName too, because mbedTLS 2.28 compares the host that a client expects with dNSNames only.
    std::vector<std::string> dnsNames;
    WallTime notBefore{};
    WallTime notAfter{};
    bool isAuthority = false;
};

// A certificate for `subject`, signed by `issuerKey` under `issuerCommonName`. Used for self-signed roots,
// the simulated world, and tests. Errors: crypto_failed.
Result<std::string> makeCertificate(const CertificateRequest& request, const P256PublicKey& subject,
                                    const P256PrivateKey& issuerKey, std::string_view issuerCommonName);
// The same under the whole name of a CA's certificate, which has each attribute once. Errors:
// certificate_invalid (not one certificate), crypto_failed.
Result<std::string> makeCertificateUnder(std::string_view caPem, const P256PrivateKey& caKey,
                                         const CertificateRequest& request, const P256PublicKey& subject);

} // namespace ykt::crypto
