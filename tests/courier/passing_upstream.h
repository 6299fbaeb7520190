// An upstream that passes all on to another: tests override what they are about.
#pragma once

#include "firmware/courier/upstream.h"

namespace ykt::firmware::courier {

struct PassingUpstream : Upstream {
    explicit PassingUpstream(Upstream& real) : inner(real) {}

    tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
    deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) override {
        return inner.deliver(batch, std::move(stop));
    }
    tl::expected<std::optional<Bytes>, UpstreamError>
    fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) override {
        return inner.fetchBulletin(kind, haveVersion, std::move(stop));
    }
    tl::expected<Bytes, UpstreamError> fetchAttachment(const crypto::Digest& sha256, std::uint64_t from,
                                                       std::size_t most, std::stop_token stop) override {
        return inner.fetchAttachment(sha256, from, most, std::move(stop));
    }
    tl::expected<void, UpstreamError> reportStatus(const std::string& status, std::stop_token stop) override {
        return inner.reportStatus(status, std::move(stop));
    }
    [[nodiscard]] std::optional<ServerTime> serverTime() const override { return inner.serverTime(); }

    Upstream& inner;
};

} // namespace ykt::firmware::courier
