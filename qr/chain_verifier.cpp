#include "qr/chain_verifier.h"

#include "qr/checks.h"

namespace ykt::qr {
namespace {

Result<void> checkAuthorityTime(const CaKey& authority, WallTime now) {
    if (authority.notBefore && now < *authority.notBefore)
        return fail(Reason::bad_certificate, "the CA key does not hold yet");
    if (authority.notAfter && now >= *authority.notAfter)
        return fail(Reason::certificate_expired, "the CA key is past its time");
    return {};
}

std::string verdictOf(const Result<void>& checked) {
    if (checked)
        return "good";
    const auto& context = checked.error().context;
    return context.empty() ? "bad" : "bad: " + context;
}

} // namespace

Result<void> ChainVerifier::verify(const SignatureChain& chain, WallTime now) const {
    const auto issuer = issuerOf(chain);
    if (!issuer)
        return failWith(issuer);
    if (const auto holds = checkAuthorityTime(issuer->authority, now); !holds)
        return holds;
    if (now >= chain.certificateEnd)
        return fail(Reason::certificate_expired);
    const auto byIssuer = checkSignature(issuer->key, chain.byIssuer.message, chain.byIssuer.signature,
                                         Reason::bad_issuer_signature, "issuer signature");
    if (!byIssuer)
        return byIssuer;
    if (now >= chain.authorisedUntil)
        return fail(Reason::authorisation_expired);
    return checkSignature(chain.userPoint, chain.byUser.message, chain.byUser.signature,
                          Reason::bad_user_signature, "user signature");
}

SignatureVerdicts ChainVerifier::judge(const SignatureChain& chain) const {
    SignatureVerdicts verdicts;
    if (anchors_.find(chain.format, chain.caIndex).empty()) {
        verdicts.authority = "not checked: no CA key of index " + std::to_string(chain.caIndex);
    } else {
        const auto proved = prove(chain);
        verdicts.authority = verdictOf(proved ? Result<void>{} : failWith(proved));
    }
    verdicts.issuer =
        verdictOf(checkSignature(chain.issuerPoint, chain.byIssuer.message, chain.byIssuer.signature,
                                 Reason::bad_issuer_signature, "it does not verify"));
    verdicts.user = verdictOf(checkSignature(chain.userPoint, chain.byUser.message, chain.byUser.signature,
                                             Reason::bad_user_signature, "it does not verify"));
    return verdicts;
}

Result<ChainVerifier::CertifiedIssuer> ChainVerifier::issuerOf(const SignatureChain& chain) const {
    const ByteArray<1> format{static_cast<std::uint8_t>(chain.format)};
    const auto digest = crypto::sha256(concat({format, chain.certificate}));
    {
        const std::lock_guard lock(mutex_);
        if (const auto known = proved_.find(digest); known != proved_.end())
            return known->second;
    }
    auto issuer = prove(chain);
    if (!issuer)
        return issuer;
    const std::lock_guard lock(mutex_);
    if (proved_.size() >= mostRemembered)
        proved_.erase(proved_.begin());
    proved_.insert_or_assign(digest, *issuer);
    return issuer;
}

Result<ChainVerifier::CertifiedIssuer> ChainVerifier::prove(const SignatureChain& chain) const {
    const auto keys = anchors_.find(chain.format, chain.caIndex);
    if (keys.empty())
        return fail(Reason::bad_certificate, "no CA key of index " + std::to_string(chain.caIndex));
    Result<void> signedByAny;
    for (const auto& authority : keys) {
        signedByAny = checkSignature(authority.key, chain.byAuthority.message, chain.byAuthority.signature,
                                     Reason::bad_certificate, "CA signature");
        if (!signedByAny)
            continue;
        auto key = crypto::Sm2PublicKey::fromPoint(chain.issuerPoint);
        if (key)
            return CertifiedIssuer{std::move(*key), authority};
        if (key.error() != Reason::key_invalid)
            return failWith(key);
        return fail(Reason::bad_issuer_signature, "issuer signature: its key is not a point of the curve");
    }
    return failWith(signedByAny);
}

} // namespace ykt::qr
