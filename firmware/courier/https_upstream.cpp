#include "firmware/courier/https_upstream.h"

#include "crypto/tls_sync_stream.h"
#include "firmware/courier/wire_format.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <charconv>

namespace ykt::firmware::courier {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t mostHeaderBytes = 16 * 1024;

struct Reply {
    http::status status{};
    std::string body;
};

// The seconds form of RFC 9110, 10.2.3; the contract has no date form.
std::optional<Milliseconds> retryAfter(std::string_view text) {
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return std::chrono::seconds{seconds};
}

tl::unexpected<UpstreamError> failure(Error error, bool sent) {
    return tl::unexpected<UpstreamError>(UpstreamError{std::move(error), std::nullopt, sent});
}

// What a status other than success means.
UpstreamError refusal(const http::response<http::string_body>& response) {
    const auto context = "HTTP " + std::to_string(response.result_int());
    switch (response.result()) {
    case http::status::payload_too_large:
        return {{Reason::batch_too_large, context}, std::nullopt, true};
    case http::status::too_many_requests:
    case http::status::service_unavailable:
        return {{Reason::upstream_busy, context}, retryAfter(response[http::field::retry_after]), true};
    default:
        return {{Reason::upstream_rejected, context}, std::nullopt, true};
    }
}

} // namespace

struct HttpsUpstream::Impl {
    using Request = http::request<http::string_body>;

    Impl(HttpsUpstreamSettings theSettings, crypto::TlsClient theClient)
        : settings(std::move(theSettings)), client(std::move(theClient)) {}

    // One request and its answer, over the kept connection where there is one. A kept connection may have
    // been closed meanwhile, which shows only now: then once more over a new one, the record ids making that
    // harmless.
    tl::expected<Reply, UpstreamError> ask(Request request, const std::stop_token& stop) {
        request.set(http::field::host, settings.host);
        request.set(http::field::user_agent, "ykt");
        request.prepare_payload();
        const bool kept = stream.has_value();
        auto reply = askOnce(request, stop);
        if (!reply && kept && reply.error().error == Reason::unreachable)
            reply = askOnce(request, stop);
        return reply;
    }

    tl::expected<Reply, UpstreamError> askOnce(Request& request, const std::stop_token& stop) {
        if (!stream) {
            auto connected = client.connect(settings.host, settings.port, settings.connectTimeout, stop);
            if (!connected)
                return failure(connected.error(), false);
            stream.emplace(std::move(*connected));
            buffer.clear();
        }
        http::response_parser<http::string_body> parser;
        parser.header_limit(mostHeaderBytes);
        parser.body_limit(settings.mostReplyBytes);
        stream->tls().setDeadline(settings.requestTimeout, stop);
        boost::system::error_code code;
        http::write(*stream, request, code);
        if (!code)
            http::read(*stream, buffer, parser, code);
        if (code) {
            const auto error = stream->lastError();
            stream.reset();
            return failure(error ? *error : foldHttpError(code), true);
        }
        auto response = parser.release();
        if (!response.keep_alive())
            stream.reset();
        if (response.result() != http::status::ok && response.result() != http::status::no_content)
            return tl::unexpected<UpstreamError>(refusal(response));
        return Reply{response.result(), std::move(response.body())};
    }

    static Error foldHttpError(const boost::system::error_code& code) {
        const bool closed = code == http::error::end_of_stream || code == http::error::partial_message ||
                            code == boost::asio::error::eof;
        return {closed ? Reason::unreachable : Reason::reply_malformed, "HTTP: " + code.message()};
    }

    HttpsUpstreamSettings settings;
    crypto::TlsClient client;
    std::optional<crypto::TlsSyncStream> stream;
    boost::beast::flat_buffer buffer; // what was read beyond the last answer
};

HttpsUpstream::HttpsUpstream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpsUpstream::~HttpsUpstream() = default;

Result<std::unique_ptr<HttpsUpstream>> HttpsUpstream::create(HttpsUpstreamSettings settings,
                                                             const hal::Clock& clock) {
    auto client = crypto::TlsClient::create(settings.caPem, settings.identity, clock);
    if (!client)
        return failWith(client);
    auto impl = std::make_unique<Impl>(std::move(settings), std::move(*client));
    return std::unique_ptr<HttpsUpstream>(new HttpsUpstream(std::move(impl)));
}

tl::expected<std::vector<DeliveryReceipt>, UpstreamError>
HttpsUpstream::deliver(const std::vector<offline_store::Record>& batch, std::stop_token stop) {
    Impl::Request request(http::verb::post, "/v1/transactions", 11, formatBatch(batch));
    request.set(http::field::content_type, "application/json");
    const auto reply = impl_->ask(std::move(request), stop);
    if (!reply)
        return tl::unexpected<UpstreamError>(reply.error());
    auto receipts = parseReceipts(reply->body);
    if (!receipts)
        return failure(receipts.error(), true);
    return std::move(*receipts);
}

tl::expected<std::optional<Bytes>, UpstreamError>
HttpsUpstream::fetchBulletin(std::string_view kind, std::uint64_t haveVersion, std::stop_token stop) {
    const auto target = "/v1/bulletins/" + std::string(kind) + "?above=" + std::to_string(haveVersion);
    const auto reply = impl_->ask(Impl::Request(http::verb::get, target, 11), stop);
    if (!reply)
        return tl::unexpected<UpstreamError>(reply.error());
    if (reply->status == http::status::no_content)
        return std::nullopt;
    return toBytes(reply->body);
}

} // namespace ykt::firmware::courier
