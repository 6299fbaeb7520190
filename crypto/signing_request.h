// Requests for a certificate (PKCS#10, RFC 2986) with P-256 keys, as PEM.
#pragma once

#include "crypto/p256.h"

#include <string>

namespace ykt::crypto {

// Errors: crypto_failed.
Result<std::string> makeSigningRequest(std::string_view commonName, const P256PrivateKey& key);

struct SigningRequest {
    std::string commonName;
    P256PublicKey subject;
};
// `pem` is exactly one request, signed with SHA-256 by the key that it is for: whoever sent it has that key.
// Errors: certificate_invalid.
Result<SigningRequest> readSigningRequest(std::string_view pem);

} // namespace ykt::crypto
