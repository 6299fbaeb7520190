#include "firmware/courier/https_client.h"

#include "crypto/tls_sync_stream.h"
#include "firmware/courier/http_answer.h"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>

namespace ykt::firmware::courier {

namespace http = boost::beast::http;

namespace {

using Request = http::request<http::string_body>;
using Answer = tl::expected<HttpsReply, HttpsError>;

Error foldHttpError(const boost::system::error_code& code) {
    const bool closed = code == http::error::end_of_stream || code == http::error::partial_message ||
                        code == boost::asio::error::eof;
    return {closed ? Reason::unreachable : Reason::reply_malformed, "HTTP: " + code.message()};
}

} // namespace

struct HttpsClient::Impl {
    Impl(const HttpsServer& server, crypto::TlsClient theTls, const hal::Clock& theClock)
        : host(server.host), port(server.port), tls(std::move(theTls)), clock(theClock) {}

    // A kept connection may have been closed meanwhile, which shows only when it is used.
    Answer ask(Request request, const HttpsLimits& limits, const std::stop_token& stop) {
        request.set(http::field::host, host);
        request.set(http::field::user_agent, "ykt");
        request.prepare_payload();
        const auto end = clock.now().monotonic + limits.whole;
        // What came unasked is an end, or an answer to another request that would be taken for this one's.
        if (stream && (buffer.size() > 0 || !stream->tls().isQuiet()))
            stream.reset();
        const bool kept = stream.has_value();
        auto answer = askOnce(request, limits, end, stop);
        if (!answer && kept && answer.error().error == Reason::unreachable) {
            auto second = askOnce(request, limits, end, stop);
            const bool again = second || second.error().sent;
            if (again || second.error().error == Reason::cancelled)
                answer = std::move(second);
            if (!answer) {
                answer.error().sent = true; // the first time, whatever became of the second
                answer.error().cutOff = !again;
            }
        }
        auto& body = request.body(); // it may hold a token or a holder's data
        wipe({reinterpret_cast<std::uint8_t*>(body.data()), body.size()});
        return answer;
    }

    Answer askOnce(Request& request, const HttpsLimits& limits, MonotonicTime end,
                   const std::stop_token& stop) {
        if (!stream) {
            auto connected = tls.connect(host, port, std::min(limits.connect, leftUntil(end)), stop);
            if (!connected)
                return tl::unexpected(HttpsError{connected.error(), false});
            stream.emplace(std::move(*connected));
            buffer.clear();
        }
        HttpAnswerParser parser;
        limitAnswer(parser, limits.mostReplyBytes);
        stream->tls().setDeadline(std::min(limits.request, leftUntil(end)), stop);
        boost::system::error_code code;
        http::write(*stream, request, code);
        if (!code)
            http::read(*stream, buffer, parser, code);
        if (code) {
            const auto error = stream->lastError();
            stream.reset();
            return tl::unexpected(HttpsError{error ? *error : foldHttpError(code), true});
        }
        auto response = parser.release();
        if (!response.keep_alive())
            stream.reset();
        return replyOf(std::move(response));
    }

    [[nodiscard]] Milliseconds leftUntil(MonotonicTime end) const {
        return std::chrono::ceil<Milliseconds>(end - clock.now().monotonic);
    }

    std::string host;
    std::uint16_t port;
    crypto::TlsClient tls;
    const hal::Clock& clock;
    std::optional<crypto::TlsSyncStream> stream;
    boost::beast::flat_buffer buffer; // what was read beyond the last answer
};

HttpsClient::HttpsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpsClient::HttpsClient(HttpsClient&&) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&&) noexcept = default;
HttpsClient::~HttpsClient() = default;

Result<HttpsClient> HttpsClient::create(const HttpsServer& server, const hal::Clock& clock) {
    auto tls = crypto::TlsClient::create(server.caPem, server.identity, clock);
    if (!tls)
        return failWith(tls);
    return HttpsClient(std::make_unique<Impl>(server, std::move(*tls), clock));
}

void HttpsClient::disconnect() {
    impl_->stream.reset();
}

Answer HttpsClient::get(const std::string& target, const HttpsLimits& limits, const std::stop_token& stop,
                        const std::vector<HttpsHeader>& headers) {
    Request request(http::verb::get, target, 11);
    for (const auto& header : headers)
        request.set(header.name, header.value);
    return impl_->ask(std::move(request), limits, stop);
}

Answer HttpsClient::post(const std::string& target, std::string json, const HttpsLimits& limits,
                         const std::stop_token& stop) {
    Request request(http::verb::post, target, 11, std::move(json));
    request.set(http::field::content_type, "application/json");
    return impl_->ask(std::move(request), limits, stop);
}

} // namespace ykt::firmware::courier
