// Where transactions go and bulletins come from. docs/back-office-api.md is the HTTP contract.
#pragma once

#include "offline_store/record.h"

#include <limits>
#include <stop_token>
#include <vector>

namespace ykt::firmware::courier {

struct DeliveryReceipt {
    std::uint64_t sequence = 0;
    enum class Verdict { settled, rejected, retry } verdict = Verdict::retry;
    std::string note; // the back office's receipt number, or why it was rejected
};

struct UpstreamError {
    Error error;
    std::optional<Milliseconds> retryAfter{}; // as the back office asked, unclamped
    bool sent = false;                        // the request left, so it counts as an attempt
    bool aboutRecords = false; // what the batch holds was refused, and not the terminal: halving finds which
    bool isMissing = false;    // there is no such file, or no such place in it: asking again is no use
    bool cutOff = false;       // it left over a connection that had ended, and by another nobody was reached
};

// The back office's wall clock, as an answer told it.
struct ServerTime {
    WallTime wall{};
    MonotonicTime heard{}; // when the answer came

    // How far a clock that says `now` is ahead of it.
    [[nodiscard]] Milliseconds behind(const Instant& now) const {
        return now.wall - std::chrono::floor<Milliseconds>(now.monotonic - heard) - wall;
    }
};

class Upstream {
  public:
    virtual ~Upstream() = default;
    // One batch of one terminal, in order. The record id is the idempotency key: the same record delivered
    // twice settles once and gives the same receipt. The courier checks that the receipts are for what was
    // sent. Errors: unreachable, upstream_untrusted, upstream_timeout, upstream_busy, upstream_rejected,
    // batch_too_large, reply_malformed, cancelled.
    virtual tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) = 0;

    // The newest signed bulletin of `kind` above `haveVersion`, or none. Errors: as deliver.
    virtual tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) = 0;

    // Bytes of the file that a bulletin names by its SHA-256: at least one and at most `most`, from `from`
    // on. Errors: as deliver; isMissing where there is no such file or no such offset.
    virtual tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest& sha256,
                                                               std::uint64_t from, std::size_t most,
                                                               std::stop_token stop) = 0;

    // How the terminal fares (JSON, docs/back-office-api.md). Errors: as deliver.
    virtual tl::expected<void, UpstreamError> reportStatus(const std::string& status,
                                                           std::stop_token stop) = 0;

    // A certificate (PEM) for the key of a signing request (PKCS#10, PEM) of this terminal. Errors: as
    // deliver; upstream_rejected also of an upstream that cannot be asked for it.
    virtual tl::expected<std::string, UpstreamError> renewCertificate(const std::string& /*request*/,
                                                                      const std::stop_token& /*stop*/) {
        return tl::unexpected(
            UpstreamError{{Reason::upstream_rejected, "certificates are not renewed here"}});
    }

    // That the back office takes the certificate which is shown now. Errors: as deliver; upstream_rejected
    // also where it does not.
    virtual tl::expected<void, UpstreamError> tryCertificate(const std::stop_token& stop) {
        // Nothing is above that version, so the answer is short.
        constexpr auto highest = std::numeric_limits<std::int64_t>::max();
        return fetchBulletin("catalogue", highest, stop).map([](const auto&) {});
    }

    // None: no answer has told it yet.
    [[nodiscard]] virtual std::optional<ServerTime> serverTime() const = 0;
};

} // namespace ykt::firmware::courier
