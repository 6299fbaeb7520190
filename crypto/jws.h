// Signed messages: JWS compact serialisation (RFC 7515) with ES256 (RFC 7518, 3.4) and the signer's one
// certificate in the header's x5c, so that whoever trusts the CA can check who said it, whatever stood
// between.
#pragma once

#include "crypto/certificate.h"

namespace ykt::crypto {

// `type` becomes the header's typ: what is signed for one purpose is not taken for another. Errors:
// certificate_invalid, key_invalid (not the certificate's key), crypto_failed.
Result<std::string> signJws(std::string_view type, ByteView payload, std::string_view certificatePem,
                            const P256PrivateKey& key);

struct VerifiedJws {
    Bytes payload;
    CertificateInfo signer;
    std::string certificatePem; // the signer's
};

// The type is `type`, the certificate is signed by `caPem` and in force at `at`, and its key signed the
// whole. A header may have members that are not known here, but none that it calls critical. Errors:
// input_malformed (not of this form, or another type), certificate_invalid, signature_invalid,
// crypto_failed.
Result<VerifiedJws> verifyJws(std::string_view type, std::string_view compact, std::string_view caPem,
                              WallTime at);

} // namespace ykt::crypto
