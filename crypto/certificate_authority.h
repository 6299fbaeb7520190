// A CA that signs for who holds a key, with its own key at hand.
#pragma once

#include "crypto/certificate.h"
#include "crypto/signing_request.h"

namespace ykt::crypto {

class CertificateAuthority {
  public:
    // Signs for `validity` from a request on. The CA is in force at `now`, its key is on P-256, and its name
    // has each attribute once. Errors: certificate_invalid, key_invalid, crypto_failed.
    static Result<CertificateAuthority> open(std::string caPem, const Secret& keyPem,
                                             std::chrono::days validity, WallTime now);

    // A certificate (PEM) that no CA has, from a day before `now`, because clocks of terminals may be behind;
    // never longer than the CA's own. Any thread may call it. Errors: certificate_invalid (the CA has ended),
    // crypto_failed.
    [[nodiscard]] Result<std::string> sign(const SigningRequest& request, WallTime now) const;

  private:
    CertificateAuthority(std::string pem, CertificateInfo info, P256PrivateKey key,
                         std::chrono::days validity)
        : pem_(std::move(pem)), info_(std::move(info)), key_(std::move(key)), validity_(validity) {}

    std::string pem_;
    CertificateInfo info_;
    P256PrivateKey key_;
    std::chrono::days validity_;
};

} // namespace ykt::crypto
