#include "firmware/courier/renewal.h"

#include "crypto/certificate.h"
#include "crypto/signing_request.h"

#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

namespace {

// Renewed when less than a third of its validity is left: for a year's certificate that is four months in
// which a back office may be away.
bool isDue(const crypto::CertificateInfo& certificate, WallTime now) {
    return certificate.notAfter - now < (certificate.notAfter - certificate.notBefore) / 3;
}

// Silence may be one too: who cannot check a signature has nobody to answer.
bool isRefusal(const Error& error) {
    return error == Reason::upstream_untrusted || error == Reason::upstream_timeout;
}

tl::unexpected<Error> refusal(const char* why) {
    return fail(Reason::certificate_invalid, std::string("renewed certificate: ") + why);
}

} // namespace

Result<void> checkRenewed(std::string_view pem, const crypto::P256PublicKey& key,
                          const RenewalSettings& settings, WallTime now, WallTime presentEnd) {
    const auto info = crypto::readCertificate(pem);
    if (!info)
        return failWith(info);
    if (info->commonName != settings.terminal)
        return refusal("another common name");
    if (info->isAuthority)
        return refusal("a CA's");
    const auto its = crypto::publicKeyOf(pem);
    if (!its || its->uncompressed() != key.uncompressed())
        return refusal("for another key");
    if (info->notAfter <= presentEnd)
        return refusal("it ends no later than the present one");
    return crypto::checkCertificate(pem, settings.caPem, now);
}

RenewingUpstream::RenewingUpstream(Upstream& upstream, keys::KeyStore& keys, const hal::Clock& clock,
                                   RenewalSettings settings, Show show)
    : upstream_(upstream), keys_(keys), clock_(clock), settings_(std::move(settings)),
      show_(std::move(show)) {}

tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
RenewingUpstream::deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) {
    return seen(upstream_.deliver(batch, stop), stop);
}

tl::expected<std::optional<Bytes>, UpstreamError>
RenewingUpstream::fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) {
    return seen(upstream_.fetchBulletin(kind, haveVersion, stop), stop);
}

tl::expected<Bytes, UpstreamError> RenewingUpstream::fetchAttachment(const crypto::Digest& sha256,
                                                                     std::uint64_t from, std::size_t most,
                                                                     std::stop_token stop) {
    return seen(upstream_.fetchAttachment(sha256, from, most, stop), stop);
}

tl::expected<void, UpstreamError> RenewingUpstream::reportStatus(const std::string& status,
                                                                 std::stop_token stop) {
    return seen(upstream_.reportStatus(status, stop), stop);
}

template <typename T>
tl::expected<T, UpstreamError> RenewingUpstream::seen(tl::expected<T, UpstreamError> answer,
                                                      const std::stop_token& stop) {
    Result<void> done;
    if (answer) {
        done = worked(stop);
        if (done)
            done = renewIfDue(stop);
    } else if (isRefusal(answer.error().error))
        done = showOther();
    if (!done)
        spdlog::warn("courier: own certificate: {}", explain(done.error()));
    return answer;
}

// What answers may be a broker that takes any certificate: the back office is asked. The one that it takes is
// right; the other has had its day, or is refused while this one is not.
Result<void> RenewingUpstream::worked(const std::stop_token& stop) {
    const auto now = clock_.now().monotonic;
    if (!several_ || (nextCheck_ && now < *nextCheck_))
        return {};
    auto identities = keys_.identities();
    if (!identities)
        return failWith(identities);
    several_ = identities->size() > 1;
    if (!several_)
        return {};
    nextCheck_ = now + settings_.tryInterval;
    const auto tried = upstream_.tryCertificate(stop);
    if (tried)
        return keepOnly(std::move(*identities), showsOlder_ ? 0 : identities->size() - 1);
    const auto& error = tried.error().error;
    return isRefusal(error) || error == Reason::upstream_rejected ? showOther() : Result<void>{};
}

// Whose certificate is refused, ours or theirs, is not told apart here: nothing is forgotten.
Result<void> RenewingUpstream::showOther() {
    if (!several_)
        return {};
    const auto identities = keys_.identities();
    if (!identities)
        return failWith(identities);
    several_ = identities->size() > 1;
    if (!several_)
        return {};
    showsOlder_ = !showsOlder_;
    return show_(showsOlder_ ? identities->front() : identities->back());
}

Result<void> RenewingUpstream::keepOnly(std::vector<crypto::TlsIdentity> identities, std::size_t index) {
    std::vector<crypto::TlsIdentity> only;
    only.push_back(std::move(identities[index]));
    if (auto kept = keys_.setIdentities(only); !kept)
        return kept;
    spdlog::info("courier: own certificate: {}",
                 index == 0 ? "the new one was refused, the old one stays" : "the new one is in force");
    several_ = false;
    showsOlder_ = false;
    nextCheck_ =
        clock_.now().monotonic + settings_.checkInterval; // what was refused is not asked for at once
    return {};
}

Result<void> RenewingUpstream::renewIfDue(const std::stop_token& stop) {
    const auto now = clock_.now();
    if (several_ || (nextCheck_ && now.monotonic < *nextCheck_))
        return {};
    nextCheck_ = now.monotonic + settings_.checkInterval;
    if (now.trust == TimeTrust::suspect) // a clock that jumped ahead would renew without need
        return {};
    const auto identities = keys_.identities();
    if (!identities)
        return failWith(identities);
    const auto present = crypto::readCertificate(identities->back().certificatePem);
    if (!present)
        return failWith(present);
    return isDue(*present, now.wall) ? renew(identities->back(), stop) : Result<void>{};
}

Result<void> RenewingUpstream::renew(const crypto::TlsIdentity& present, const std::stop_token& stop) {
    const auto key = crypto::P256PrivateKey::generate();
    const auto request = key ? crypto::makeSigningRequest(settings_.terminal, *key) : failWith(key);
    if (!request)
        return failWith(request);
    auto answer = upstream_.renewCertificate(*request, stop);
    if (!answer)
        return tl::unexpected(std::move(answer.error().error));
    const auto presentEnd = crypto::readCertificate(present.certificatePem)->notAfter;
    if (auto right = checkRenewed(*answer, key->publicKey(), settings_, clock_.now().wall, presentEnd);
        !right)
        return right;
    std::vector<crypto::TlsIdentity> both;
    both.push_back({present.certificatePem, present.privateKeyPem.clone()});
    both.push_back({std::move(*answer), key->toPem()});
    if (auto kept = keys_.setIdentities(both); !kept)
        return kept;
    several_ = true;
    if (auto shown = show_(both.back()); !shown)
        return shown;
    nextCheck_ = clock_.now().monotonic + settings_.tryInterval;
    const auto tried = upstream_.tryCertificate(stop);
    if (tried)
        return keepOnly(std::move(both), 1);
    const auto& error = tried.error().error;
    if (error == Reason::upstream_timeout) // it may have been taken, and the old one forgotten
        return showOther();
    if (error != Reason::upstream_untrusted && error != Reason::upstream_rejected)
        return {}; // out of reach just now: the next answer tells
    if (auto shown = show_(both.front()); !shown)
        return shown;
    return keepOnly(std::move(both), 0);
}

} // namespace ykt::firmware::courier
