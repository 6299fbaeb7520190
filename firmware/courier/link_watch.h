// An upstream that notes by each exchange, whatever it is about, whether the back office answers.
#pragma once

#include "firmware/courier/upstream.h"

#include <atomic>

namespace ykt::firmware::courier {

enum class Link { unknown, online, offline };

// Nobody answered, or nobody who may.
bool isOffline(const Error& error);
// Nobody was reached, or the courier is to stop: to ask for something else is no use either.
bool endsRound(const UpstreamError& failed);

class LinkWatch final : public Upstream {
  public:
    // `inner` outlives it.
    explicit LinkWatch(Upstream& inner) : inner_(inner) {}

    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override;
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override;
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest& sha256, std::uint64_t from,
                                                       std::size_t most, std::stop_token stop) override;
    tl::expected<void, UpstreamError> reportStatus(const std::string& status, std::stop_token stop) override;
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return inner_.serverTime(); }

    [[nodiscard]] Link link() const { return link_; } // from any thread

  private:
    template <typename T>
    tl::expected<T, UpstreamError> noted(tl::expected<T, UpstreamError> outcome);

    Upstream& inner_;
    std::atomic<Link> link_{Link::unknown};
};

} // namespace ykt::firmware::courier
