// One connection to an HTTPS server, as any client would have it.
#pragma once

#include "crypto/tls_sync_stream.h"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <catch2/catch.hpp>

namespace ykt::test {

namespace http = boost::beast::http;

class HttpsClient {
  public:
    HttpsClient(std::uint16_t port, const std::string& caPem, const crypto::TlsIdentity& identity,
                const hal::Clock& clock)
        : tls_(*crypto::TlsClient::create(caPem, identity, clock)) {
        auto stream = tls_.connect("127.0.0.1", port, limit, {});
        INFO((stream ? "" : explain(stream.error())));
        REQUIRE(stream);
        stream_.emplace(std::move(*stream));
    }

    http::response<http::string_body>
    exchange(http::verb method, const std::string& target, const std::string& body = {},
             const std::vector<std::pair<http::field, std::string>>& fields = {}) {
        http::request<http::string_body> request(method, target, 11);
        request.body() = body;
        for (const auto& [name, value] : fields)
            request.set(name, value);
        request.prepare_payload();
        stream_->tls().setDeadline(limit, {});
        boost::system::error_code code;
        http::write(*stream_, request, code); // a server may answer before it has read all
        http::response_parser<http::string_body> parser;
        parser.body_limit(64ULL * 1024 * 1024);
        http::read(*stream_, buffer_, parser, code);
        INFO(code.message());
        REQUIRE_FALSE(code);
        return parser.release();
    }
    [[nodiscard]] crypto::TlsStream& stream() { return stream_->tls(); }

  private:
    static constexpr Milliseconds limit{20'000};
    crypto::TlsClient tls_;
    std::optional<crypto::TlsSyncStream> stream_;
    boost::beast::flat_buffer buffer_;
};

} // namespace ykt::test
