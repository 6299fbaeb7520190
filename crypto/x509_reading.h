// What is read from a parsed certificate. Included only by sources of this room.
#pragma once

#include "crypto/certificate.h"
#include "crypto/mbedtls_owned.h"

namespace ykt::crypto {

// Exactly one certificate: of a chain we would check the first and let the rest pass unseen.
bool parseOne(X509Certificate& certificate, std::string_view pem);

// One or more certificates of authorities, nothing else: each is trusted to issue.
bool parseAuthorities(X509Certificate& authorities, std::string_view pem);

std::string commonNameOf(mbedtls_x509_name name); // a shallow copy: mbedTLS asks for one that it may change

// Errors: certificate_invalid (not on P-256).
Result<P256PublicKey> publicKeyOf(const mbedtls_pk_context& key);

CertificateInfo infoOf(const mbedtls_x509_crt& certificate);

// RFC 5280, 4.1.2.5: both ends belong to the validity; notAfter lasts to the end of its second.
bool isValidAt(const CertificateInfo& info, WallTime at);

} // namespace ykt::crypto
