#include "firmware/courier/http_answer.h"

#include "firmware/courier/backoff.h"

#include <ctime>

namespace ykt::firmware::courier {

namespace http = boost::beast::http;

namespace {

constexpr std::uint32_t mostHeaderBytes = 16 * 1024;

// The form that RFC 9110, 5.6.7, has servers send: "Sun, 29 Nov 2026 22:13:59 GMT".
std::optional<WallTime> httpDate(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0')
        return std::nullopt;
    return wallFromUnixSeconds(::timegm(&parts));
}

} // namespace

void limitAnswer(HttpAnswerParser& parser, std::size_t mostBodyBytes) {
    parser.header_limit(mostHeaderBytes);
    parser.body_limit(mostBodyBytes);
}

HttpsReply replyOf(HttpAnswer answer) {
    return {answer.result_int(), std::move(answer.body()), parseRetryAfter(answer[http::field::retry_after]),
            httpDate(answer[http::field::date]), std::string(answer[http::field::etag])};
}

} // namespace ykt::firmware::courier
