#include "firmware/courier/link_watch.h"

#include <spdlog/spdlog.h>

namespace ykt::firmware::courier {

bool isOffline(const Error& error) {
    return error == Reason::unreachable || error == Reason::upstream_timeout ||
           error == Reason::upstream_untrusted;
}

bool endsRound(const UpstreamError& failed) {
    return failed.error == Reason::cancelled || (isOffline(failed.error) && (!failed.sent || failed.cutOff));
}

template <typename T>
tl::expected<T, UpstreamError> LinkWatch::noted(tl::expected<T, UpstreamError> outcome) {
    if (!outcome && describe(outcome.error().error.reason).layer != Layer::upstream)
        return outcome; // the stop, or our own failure: it says nothing about the link
    const auto now = !outcome && isOffline(outcome.error().error) ? Link::offline : Link::online;
    if (link_.exchange(now) != now && now == Link::online)
        spdlog::info("courier: the back office answers");
    return outcome;
}

tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
LinkWatch::deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) {
    return noted(inner_.deliver(batch, std::move(stop)));
}

tl::expected<std::optional<Bytes>, UpstreamError>
LinkWatch::fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) {
    return noted(inner_.fetchBulletin(kind, haveVersion, std::move(stop)));
}

tl::expected<Bytes, UpstreamError> LinkWatch::fetchAttachment(const crypto::Digest& sha256,
                                                              std::uint64_t from, std::size_t most,
                                                              std::stop_token stop) {
    return noted(inner_.fetchAttachment(sha256, from, most, std::move(stop)));
}

tl::expected<void, UpstreamError> LinkWatch::reportStatus(const std::string& status, std::stop_token stop) {
    return noted(inner_.reportStatus(status, std::move(stop)));
}

} // namespace ykt::firmware::courier
