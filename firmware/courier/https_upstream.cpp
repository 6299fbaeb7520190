#include "firmware/courier/https_upstream.h"

#include "base/hex.h"
#include "firmware/courier/wire_format.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

namespace ykt::firmware::courier {

namespace {

constexpr unsigned ok = 200;
constexpr unsigned noContent = 204;
constexpr unsigned partialContent = 206;
constexpr unsigned notModified = 304;
constexpr unsigned notFound = 404;
constexpr unsigned rangeNotSatisfiable = 416;

tl::unexpected<UpstreamError> failure(const HttpsError& failed) {
    UpstreamError error{failed.error, std::nullopt, failed.sent};
    error.cutOff = failed.cutOff;
    return tl::unexpected(std::move(error));
}

// What a status other than success means.
tl::unexpected<UpstreamError> refusal(const HttpsReply& reply) {
    const auto context = "HTTP " + std::to_string(reply.status);
    switch (reply.status) {
    case 413:
        return tl::unexpected(UpstreamError{{Reason::batch_too_large, context}, std::nullopt, true});
    case 429:
    case 503:
        return tl::unexpected(UpstreamError{{Reason::upstream_busy, context}, reply.retryAfter, true});
    case 400:
    case 422:
        return tl::unexpected(UpstreamError{{Reason::upstream_rejected, context}, std::nullopt, true, true});
    default:
        return tl::unexpected(UpstreamError{{Reason::upstream_rejected, context}, std::nullopt, true});
    }
}

bool areFor(const std::vector<DeliveryReceipt>& receipts, const std::vector<offline_store::Record>& batch) {
    std::unordered_set<std::uint64_t> sent;
    for (const auto& record : batch)
        sent.insert(record.id.sequence);
    return std::ranges::all_of(receipts,
                               [&](const auto& receipt) { return sent.contains(receipt.sequence); });
}

} // namespace

Result<std::unique_ptr<HttpsUpstream>> HttpsUpstream::create(HttpsUpstreamSettings settings,
                                                             const hal::Clock& clock) {
    auto client = HttpsClient::create(settings, clock);
    if (!client)
        return failWith(client);
    const HttpsLimits limits{settings.connectTimeout, settings.requestTimeout,
                             settings.connectTimeout + settings.requestTimeout, settings.mostReplyBytes};
    return std::unique_ptr<HttpsUpstream>(new HttpsUpstream(std::move(*client), limits, clock));
}

tl::expected<HttpsReply, UpstreamError> HttpsUpstream::heard(tl::expected<HttpsReply, HttpsError> answer) {
    if (!answer)
        return failure(answer.error());
    if (answer->date)
        serverTime_ = ServerTime{*answer->date, clock_.now().monotonic};
    return std::move(*answer);
}

tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
HttpsUpstream::deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) {
    const auto reply = heard(client_.post("/v1/transactions", formatBatch(batch), limits_, stop));
    if (!reply)
        return tl::unexpected(reply.error());
    if (reply->status != ok)
        return refusal(*reply);
    auto receipts = parseReceipts(reply->body);
    if (!receipts || !areFor(*receipts, batch))
        client_.disconnect(); // whoever answers another request is out of step, and would stay so
    if (!receipts)
        return failure({receipts.error(), true});
    return std::move(*receipts);
}

tl::expected<std::optional<Bytes>, UpstreamError>
HttpsUpstream::fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) {
    const auto target = "/v1/bulletins/" + std::string(kind) + "?above=" + std::to_string(haveVersion);
    // A bulletin's ETag is its version, so that what is installed is known by it after a restart too.
    std::vector<HttpsHeader> have;
    if (haveVersion > 0)
        have.push_back({"If-None-Match", '"' + std::to_string(haveVersion) + '"'});
    const auto reply = heard(client_.get(target, limits_, stop, have));
    if (!reply)
        return tl::unexpected(reply.error());
    if (reply->status == noContent || reply->status == notModified)
        return std::nullopt;
    if (reply->status != ok)
        return refusal(*reply);
    return toBytes(reply->body);
}

tl::expected<Bytes, UpstreamError> HttpsUpstream::fetchAttachment(const crypto::Digest& sha256,
                                                                  std::uint64_t from, std::size_t most,
                                                                  std::stop_token stop) {
    const auto range = "bytes=" + std::to_string(from) + "-" + std::to_string(from + most - 1);
    const auto reply =
        heard(client_.get("/v1/attachments/" + toHex(sha256), limits_, stop, {{"Range", range}}));
    if (!reply)
        return tl::unexpected(reply.error());
    if (reply->status != partialContent) {
        auto refused = refusal(*reply);
        refused.value().isMissing = reply->status == notFound || reply->status == rangeNotSatisfiable;
        return refused;
    }
    if (reply->body.empty() || reply->body.size() > most)
        return failure({{Reason::reply_malformed, "another part than the one asked for"}, true});
    return toBytes(reply->body);
}

tl::expected<void, UpstreamError> HttpsUpstream::reportStatus(const std::string& status,
                                                              std::stop_token stop) {
    const auto reply = heard(client_.post("/v1/status", status, limits_, stop));
    if (!reply)
        return tl::unexpected(reply.error());
    if (reply->status != ok && reply->status != noContent)
        return refusal(*reply);
    return {};
}

tl::expected<std::string, UpstreamError> HttpsUpstream::renewCertificate(const std::string& request,
                                                                         const std::stop_token& stop) {
    const nlohmann::json body{{"request", request}};
    const auto reply = heard(client_.post("/v1/certificate", body.dump(), limits_, stop));
    if (!reply)
        return tl::unexpected(reply.error());
    if (reply->status != ok)
        return refusal(*reply);
    const auto answer = nlohmann::json::parse(reply->body, nullptr, false);
    if (!answer.is_object() || !answer.contains("certificate") || !answer["certificate"].is_string())
        return failure({{Reason::reply_malformed, "no certificate in the answer"}, true});
    return answer["certificate"].get<std::string>();
}

Result<void> HttpsUpstream::reconnect(const HttpsServer& server) {
    auto client = HttpsClient::create(server, clock_);
    if (!client)
        return failWith(client);
    client_ = std::move(*client);
    return {};
}

} // namespace ykt::firmware::courier
