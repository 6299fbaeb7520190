#include "firmware/panel/http_client.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace ykt::firmware::panel {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Local = asio::local::stream_protocol;

asio::awaitable<HttpAnswer> exchange(beast::basic_stream<Local>& stream, const std::filesystem::path& socket,
                                     const http::request<http::string_body>& request) {
    co_await stream.async_connect(Local::endpoint(socket.string()), asio::use_awaitable);
    co_await http::async_write(stream, request, asio::use_awaitable);
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(64UL * 1024 * 1024); // a whole journal listing
    co_await http::async_read(stream, buffer, parser, asio::use_awaitable);
    co_return HttpAnswer{parser.get().result_int(), parser.get().body()};
}

} // namespace

Result<HttpAnswer> ask(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                       std::string_view body, Milliseconds timeout) {
    if (socket.native().size() >= longestSocketPath)
        return fail(Reason::unreachable, "socket path of over 107 bytes: " + socket.string());
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.version(11);
    request.set(http::field::host, "localhost");
    request.keep_alive(false);
    request.body() = body;
    request.prepare_payload();

    asio::io_context context;
    beast::basic_stream<Local> stream(context);
    stream.expires_after(timeout);
    std::optional<HttpAnswer> answer;
    boost::system::error_code error;
    asio::co_spawn(context, exchange(stream, socket, request),
                   [&](const std::exception_ptr& thrown, HttpAnswer result) {
                       try {
                           if (thrown)
                               std::rethrow_exception(thrown);
                           answer = std::move(result);
                       } catch (const boost::system::system_error& failure) {
                           error = failure.code();
                       }
                   });
    context.run();
    if (answer)
        return std::move(*answer);
    const auto what = socket.string() + ": " + error.message();
    if (error == beast::error::timeout)
        return fail(Reason::upstream_timeout, what);
    if (error == asio::error::connection_refused || error == boost::system::errc::no_such_file_or_directory)
        return fail(Reason::unreachable, what);
    return fail(Reason::reply_malformed, what);
}

} // namespace ykt::firmware::panel
