// X.509 v3 certificates with P-256 keys (RFC 5280): reading, checking against one pinned CA, and making.
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

// Errors: certificate_invalid.
Result<CertificateInfo> readCertificate(std::string_view pem);
// Signature, validity at `at` and CA flag. Errors: certificate_invalid.
Result<void> checkCertificate(std::string_view pem, std::string_view caPem, WallTime at);

struct CertificateRequest {
    std::string commonName;
    std::vector<std::string> dnsNames; // subject alternative names; "127.0.0.1" style entries become IP addresses
    WallTime notBefore{};
    WallTime notAfter{};
    bool isAuthority = false;
};

// A certificate for `subject`, signed by `issuerKey` under `issuerCommonName`. Used for self-signed roots, the
// simulated world, and tests. Errors: crypto_failed.
Result<std::string> makeCertificate(const CertificateRequest& request, const P256PublicKey& subject,
                                    const P256PrivateKey& issuerKey, std::string_view issuerCommonName);

} // namespace ykt::crypto
