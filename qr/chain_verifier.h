// Proves signature chains against the trust anchors, and remembers which certificates a CA has signed.
#pragma once

#include "crypto/digest.h"
#include "qr/signature_chain.h"

#include <mutex>
#include <string>

namespace ykt::qr {

// "good", "bad: why" or "not checked: why", for people.
struct SignatureVerdicts {
    std::string authority;
    std::string issuer;
    std::string user;
};

class ChainVerifier {
  public:
    explicit ChainVerifier(TrustAnchors anchors) : anchors_(std::move(anchors)) {}

    // In this order: the CA's signature (every key of that index is tried) and that key's time, the
    // certificate's time, the issuer's signature, the authorisation's time, the user's signature. A
    // certificate that was proved before costs no third verification; its times are judged anew. Any thread.
    // Errors: bad_certificate (also: signed by a CA key that does not hold yet), certificate_expired (also:
    // the CA key's), bad_issuer_signature, authorisation_expired, bad_user_signature, crypto_failed.
    [[nodiscard]] Result<void> verify(const SignatureChain& chain, WallTime now) const;

    // Each signature by itself, whatever the others and the clock say.
    [[nodiscard]] SignatureVerdicts judge(const SignatureChain& chain) const;

    [[nodiscard]] const TrustAnchors& anchors() const { return anchors_; }

    // Only what a CA has signed is remembered, so no stranger can fill this; a region has some dozens of
    // issuers.
    static constexpr std::size_t mostRemembered = 256;

  private:
    struct CertifiedIssuer {
        crypto::Sm2PublicKey key;
        CaKey authority; // that signed the certificate
    };
    [[nodiscard]] Result<CertifiedIssuer> issuerOf(const SignatureChain& chain) const;
    [[nodiscard]] Result<CertifiedIssuer> prove(const SignatureChain& chain) const;

    TrustAnchors anchors_;
    mutable std::mutex mutex_;
    mutable std::map<crypto::Digest, CertifiedIssuer> proved_; // by format and certificate
};

} // namespace ykt::qr
