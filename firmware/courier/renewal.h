// A certificate of the terminal anew, before the old one ends: asked for over the old one, tried, and only
// then put in its place. In between two are valid, and the key store holds both.
#pragma once

#include "crypto/p256.h"
#include "firmware/courier/upstream.h"
#include "firmware/keys/key_store.h"
#include "hal/clock.h"

#include <functional>

namespace ykt::firmware::courier {

struct RenewalSettings {
    std::string terminal; // the common name that a certificate of ours has
    std::string caPem;    // the only CA that it may chain to
    Milliseconds checkInterval{3'600'000};
    Milliseconds tryInterval{60'000}; // while two are kept: between two times that the back office is asked
};

// An upstream that sees to its own certificate: everything goes on to the one below it, and what came of it
// tells which certificate works. Used by one thread at a time, which is where renewals happen.
class RenewingUpstream final : public Upstream {
  public:
    // Shows the identity to the back office from now on.
    using Show = std::function<Result<void>(const crypto::TlsIdentity& identity)>;
    // `upstream` shows the newest identity of `keys`. All outlive this.
    RenewingUpstream(Upstream& upstream, keys::KeyStore& keys, const hal::Clock& clock,
                     RenewalSettings settings, Show show);

    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override;
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override;
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest& sha256, std::uint64_t from,
                                                       std::size_t most, std::stop_token stop) override;
    tl::expected<void, UpstreamError> reportStatus(const std::string& status, std::stop_token stop) override;
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return upstream_.serverTime(); }

  private:
    // Learns from an answer which certificate works, and renews when it is time.
    template <typename T>
    tl::expected<T, UpstreamError> seen(tl::expected<T, UpstreamError> answer, const std::stop_token& stop);
    Result<void> worked(const std::stop_token& stop);
    Result<void> showOther();
    Result<void> renewIfDue(const std::stop_token& stop);
    Result<void> renew(const crypto::TlsIdentity& present, const std::stop_token& stop);
    // Of the identities that are kept, from now on the one at `index` alone.
    Result<void> keepOnly(std::vector<crypto::TlsIdentity> identities, std::size_t index);

    Upstream& upstream_;
    keys::KeyStore& keys_;
    const hal::Clock& clock_;
    const RenewalSettings settings_;
    Show show_;
    bool several_ = true;                    // two identities are kept, as far as is known
    bool showsOlder_ = false;                // of the two
    std::optional<MonotonicTime> nextCheck_; // for renewing; while two are kept, for trying
};

// That `pem` is a certificate for `key` under the terminal's name, signed by the CA, in force now, and ends
// later than the present one. Errors: certificate_invalid.
Result<void> checkRenewed(std::string_view pem, const crypto::P256PublicKey& key,
                          const RenewalSettings& settings, WallTime now, WallTime presentEnd);

} // namespace ykt::firmware::courier
