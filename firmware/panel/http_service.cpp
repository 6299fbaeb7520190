#include "firmware/panel/http_service.h"

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <list>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <thread>

namespace ykt::firmware::panel {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Local = asio::local::stream_protocol;
using Stream = beast::basic_stream<Local>;

constexpr std::chrono::seconds idleConnection{60};
constexpr Milliseconds restAfterRefusal{100};

HttpRequest parseRequest(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = message.method_string();
    request.body = message.body();
    const std::string target = message.target();
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    std::string_view rest =
        mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto pair = rest.substr(0, end);
        const auto equals = std::min(pair.find('='), pair.size());
        const auto value = equals < pair.size() ? pair.substr(equals + 1) : std::string_view{};
        request.query.emplace(pair.substr(0, equals), value);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return request;
}

// Does a living service answer on this socket file?
bool answers(const std::filesystem::path& socket) {
    asio::io_context context;
    Local::socket probe(context);
    boost::system::error_code error;
    probe.connect(Local::endpoint(socket.string()), error);
    return !error;
}

} // namespace

std::uint64_t HttpRequest::number(const std::string& key, std::uint64_t otherwise, std::uint64_t most) const {
    const auto found = query.find(key);
    if (found == query.end())
        return otherwise;
    std::uint64_t value = 0;
    const auto* end = found->second.data() + found->second.size();
    const auto [at, error] = std::from_chars(found->second.data(), end, value);
    return error == std::errc{} && at == end ? std::min(value, most) : otherwise;
}

struct HttpService::Impl {
    std::filesystem::path path;
    HttpHandler handler;
    asio::io_context context;
    Local::acceptor acceptor{context};
    std::list<asio::steady_timer*> waiting;
    std::jthread thread;

    // Waits for notify() or the deadline.
    asio::awaitable<void> waitForNews(std::chrono::steady_clock::time_point deadline) {
        asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
        const auto place = waiting.insert(waiting.end(), &timer);
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        waiting.erase(place);
    }

    asio::awaitable<HttpAnswer> respond(const HttpRequest& request) {
        const auto wait = Milliseconds(request.number("wait_ms", 0, longestWait.count()));
        asio::steady_timer limit(co_await asio::this_coro::executor, wait);
        const auto deadline = limit.expiry();
        for (bool lastTime = wait.count() == 0;;
             lastTime = asio::steady_timer::clock_type::now() >= deadline) {
            if (auto answer = handler(request, lastTime))
                co_return std::move(*answer);
            if (lastTime)
                co_return HttpAnswer{404, R"({"error":"not found"})"};
            co_await waitForNews(deadline);
        }
    }

    asio::awaitable<void> serve(Stream stream) {
        beast::flat_buffer buffer;
        boost::system::error_code error;
        for (bool keepAlive = true; keepAlive;) {
            http::request_parser<http::string_body> parser;
            parser.body_limit(longestBody);
            stream.expires_after(idleConnection);
            co_await http::async_read(stream, buffer, parser,
                                      asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return; // closed, too slow or not HTTP: the connection ends, the service does not
            stream.expires_never();
            const auto answer = co_await respond(parseRequest(parser.get()));
            http::response<http::string_body> message{static_cast<http::status>(answer.status),
                                                      parser.get().version()};
            message.set(http::field::content_type, "application/json; charset=utf-8");
            message.keep_alive(parser.get().keep_alive());
            message.body() = answer.body;
            message.prepare_payload();
            keepAlive = message.keep_alive();
            stream.expires_after(idleConnection);
            co_await http::async_write(stream, message, asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return;
        }
    }

    // A connection that cannot be taken (EMFILE, ENFILE, ENOMEM) stays waiting and keeps the acceptor ready:
    // trying again at once would take all of the processor until somebody closes something.
    asio::awaitable<void> accept() {
        asio::steady_timer rest(context);
        for (bool failing = false;;) {
            boost::system::error_code error;
            auto socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted)
                co_return;
            if (!error) {
                asio::co_spawn(context, serve(Stream(std::move(socket))), asio::detached);
            } else {
                if (!failing)
                    spdlog::warn("panel: taking a connection: {}", error.message());
                rest.expires_after(restAfterRefusal);
                boost::system::error_code ignored;
                co_await rest.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            }
            failing = error.failed();
        }
    }
};

Result<std::unique_ptr<HttpService>> HttpService::start(const std::filesystem::path& socket,
                                                        HttpHandler handler) {
    std::error_code ignored;
    if (socket.native().size() >= longestSocketPath)
        return fail(Reason::config_value, "socket path of over 107 bytes: " + socket.string());
    if (std::filesystem::exists(socket, ignored)) {
        if (!std::filesystem::is_socket(socket, ignored))
            return fail(Reason::config_value, "not a socket: " + socket.string());
        if (answers(socket))
            return fail(Reason::config_value, "another program serves " + socket.string());
        std::filesystem::remove(socket, ignored);
    }
    auto impl = std::make_unique<Impl>();
    impl->path = socket;
    impl->handler = std::move(handler);
    boost::system::error_code error;
    impl->acceptor.open(Local{}, error);
    const auto oldMask = ::umask(0177); // the file is 0600 from its first moment
    if (!error)
        impl->acceptor.bind(Local::endpoint(socket.string()), error);
    ::umask(oldMask);
    if (!error)
        impl->acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error)
        return fail(Reason::config_value, "socket " + socket.string() + ": " + error.message());
    asio::co_spawn(impl->context, impl->accept(), asio::detached);
    impl->thread = std::jthread([raw = impl.get()] { raw->context.run(); });
    return std::unique_ptr<HttpService>(new HttpService(std::move(impl)));
}

HttpService::HttpService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpService::~HttpService() {
    impl_->context.stop();
    impl_->thread.join();
    std::error_code ignored;
    std::filesystem::remove(impl_->path, ignored);
}

void HttpService::notify() {
    asio::post(impl_->context, [impl = impl_.get()] {
        for (auto* timer : impl->waiting)
            timer->cancel();
    });
}

} // namespace ykt::firmware::panel
