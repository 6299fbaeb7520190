// What HttpsClient reads of a server's answer. Private to it.
#pragma once

#include "firmware/courier/https_client.h"

#include <boost/beast/http.hpp>

namespace ykt::firmware::courier {

using HttpAnswer = boost::beast::http::response<boost::beast::http::string_body>;
using HttpAnswerParser = boost::beast::http::response_parser<boost::beast::http::string_body>;

// A head of at most 16 KiB and a body of at most `mostBodyBytes`: what is longer is an error of the parser.
void limitAnswer(HttpAnswerParser& parser, std::size_t mostBodyBytes);

// A header that is not of its form counts as not given.
HttpsReply replyOf(HttpAnswer answer);

} // namespace ykt::firmware::courier
