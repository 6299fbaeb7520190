// The answer of a server: it is read the same however it is cut into pieces, within its bounds, and what is
// sent back to the server (its ETag) cannot begin another header.
#include "firmware/courier/http_answer.h"
#include "fuzz/fuzz.h"

using namespace ykt;
using namespace ykt::firmware::courier;

namespace {

constexpr std::size_t mostBodyBytes = 100;

// As http::read does: what the parser does not take yet is given to it again with what follows.
std::optional<HttpsReply> read(ByteView whole, std::size_t firstPiece) {
    HttpAnswerParser parser;
    limitAnswer(parser, mostBodyBytes);
    parser.eager(true);
    std::size_t taken = 0;
    for (const auto have : {std::min(firstPiece, whole.size()), whole.size()}) {
        while (!parser.is_done() && taken < have) {
            boost::system::error_code code;
            const auto used = parser.put(boost::asio::buffer(whole.data() + taken, have - taken), code);
            taken += used;
            if (code == boost::beast::http::error::need_more)
                break;
            if (code)
                return std::nullopt;
            if (used == 0)
                break;
        }
    }
    if (!parser.got_some())
        return std::nullopt;
    boost::system::error_code code;
    if (!parser.is_done())
        parser.put_eof(code);
    if (code || !parser.is_done())
        return std::nullopt;
    return replyOf(parser.release());
}

bool same(const HttpsReply& one, const HttpsReply& other) {
    return one.status == other.status && one.body == other.body && one.etag == other.etag &&
           one.date == other.date && one.retryAfter == other.retryAfter;
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto cut = fuzz::take(input, 1);
    const auto reply = read(input, input.size());
    const auto inPieces = read(input, cut.empty() ? 0 : cut[0]);
    fuzz::hold(reply.has_value() == inPieces.has_value());
    if (!reply)
        return;
    fuzz::hold(same(*reply, *inPieces));
    fuzz::hold(reply->body.size() <= mostBodyBytes);
    fuzz::hold(reply->etag.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos);
    if (reply->retryAfter)
        fuzz::hold(reply->retryAfter->count() >= 0);
    if (reply->date)
        fuzz::hold(formatUtc(*reply->date).size() == formatUtc(WallTime{}).size()); // four digits of year
}
