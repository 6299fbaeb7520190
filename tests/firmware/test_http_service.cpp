// The local HTTP service and its client, over a real Unix socket.
#include "firmware/panel/http_client.h"

#include "tests/eventually.h"
#include "tests/firmware/captured_log.h"
#include "tests/temporary_folder.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <ctime>
#include <fstream>
#include <future>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace ykt;
using namespace ykt::firmware::panel;
using namespace std::chrono_literals;

namespace {

struct Folder {
    [[nodiscard]] std::filesystem::path socket() const { return folder.path() / "socket"; }
    ykt::test::TemporaryFolder folder;
};

std::unique_ptr<HttpService> serve(const std::filesystem::path& socket, HttpHandler handler) {
    auto service = HttpService::start(socket, std::move(handler));
    REQUIRE(service);
    return std::move(*service);
}

// Method, path, sorted query and body, as the handler saw them.
std::optional<HttpAnswer> echo(const HttpRequest& request, bool) {
    std::string text = request.method + " " + request.path;
    for (const auto& [key, value] : request.query)
        text += " " + key + "=" + value;
    return HttpAnswer{200, text + " [" + request.body + "]"};
}

// A service that has nothing to say until `news` is set, and counts how often it was asked.
struct News {
    std::atomic<bool> there{false};
    std::atomic<int> asked{0};

    HttpHandler handler() {
        return [this](const HttpRequest&, bool lastTime) -> std::optional<HttpAnswer> {
            ++asked;
            if (there)
                return HttpAnswer{200, "news"};
            return lastTime ? std::optional(HttpAnswer{200, "none"}) : std::nullopt;
        };
    }
    void awaitQuestions(int count) const {
        REQUIRE(test::eventually([&] { return asked >= count; }));
    }
};

std::future<Result<HttpAnswer>> askLater(const std::filesystem::path& socket, const std::string& target) {
    return std::async(std::launch::async, [=] { return ask(socket, "GET", target, "", 20s); });
}

double secondsSince(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Bytes over a connection of their own, then all that comes back until the service closes it.
std::string sayRaw(const std::filesystem::path& socket, const std::string& bytes) {
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval patience{10, 0};
    ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const auto some = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (some <= 0)
            break; // the service closed already
        sent += static_cast<std::size_t>(some);
    }
    ::shutdown(connection, SHUT_WR);
    std::string answer;
    char block[4096];
    for (ssize_t got = 0; (got = ::recv(connection, block, sizeof block, 0)) > 0;)
        answer.append(block, static_cast<std::size_t>(got));
    const bool closed = errno != EAGAIN && errno != EWOULDBLOCK;
    ::close(connection);
    CHECK(closed);
    return answer;
}

} // namespace

TEST_CASE("The handler gets method, path, query and body; the client gets status and body") {
    const Folder folder;
    const auto service = serve(folder.socket(), echo);
    const auto answer = ask(folder.socket(), "POST", "/v1/tap?b=2&a=1&flag&=x", "{\"card\":1}", 10s);
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "POST /v1/tap =x a=1 b=2 flag= [{\"card\":1}]");

    const Folder other;
    const auto refusing = serve(other.socket(), [](const HttpRequest&, bool) {
        return HttpAnswer{404, "no"};
    });
    const auto refused = ask(other.socket(), "GET", "/", "", 10s);
    REQUIRE(refused);
    CHECK(refused->status == 404);
    CHECK(refused->body == "no");
}

TEST_CASE("Numbers of a query are whole numbers within a bound, or the default") {
    HttpRequest request;
    request.query = {
        {"a", "7"}, {"big", "99999999999999999999999"}, {"text", "7x"}, {"minus", "-1"}, {"none", ""}};
    CHECK(request.number("a", 1, 10) == 7);
    CHECK(request.number("a", 1, 5) == 5);
    for (const auto* key : {"big", "text", "minus", "none", "absent"})
        CHECK(request.number(key, 1, 10) == 1);
}

TEST_CASE("Only the owner may open the socket, and it is gone with the service") {
    const Folder folder;
    auto service = serve(folder.socket(), echo);
    struct stat status {};
    REQUIRE(::stat(folder.socket().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    service.reset();
    CHECK_FALSE(std::filesystem::exists(folder.socket()));
}

TEST_CASE("A request that waits is woken by news") {
    const Folder folder;
    News news;
    const auto service = serve(folder.socket(), news.handler());
    const auto start = std::chrono::steady_clock::now();
    auto waiting = askLater(folder.socket(), "/?wait_ms=15000");
    news.awaitQuestions(1);
    service->notify(); // nothing new: it goes on waiting
    news.awaitQuestions(2);
    CHECK(waiting.wait_for(0ms) == std::future_status::timeout);
    news.there = true;
    service->notify();
    const auto answer = waiting.get();
    REQUIRE(answer);
    CHECK(answer->body == "news");
    CHECK(secondsSince(start) < 10);
}

TEST_CASE("A request that waits in vain gets its answer at the end of its time") {
    const Folder folder;
    News news;
    const auto service = serve(folder.socket(), news.handler());
    const auto start = std::chrono::steady_clock::now();
    const auto answer = ask(folder.socket(), "GET", "/?wait_ms=300", "", 10s);
    REQUIRE(answer);
    CHECK(answer->body == "none");
    CHECK(secondsSince(start) >= 0.3);
    CHECK(news.asked == 2);
}

TEST_CASE("A handler that has nothing to say at the end makes a 404") {
    const Folder folder;
    const auto service = serve(
        folder.socket(), [](const HttpRequest&, bool) -> std::optional<HttpAnswer> { return std::nullopt; });
    const auto answer = ask(folder.socket(), "GET", "/", "", 10s);
    REQUIRE(answer);
    CHECK(answer->status == 404);
}

TEST_CASE("The client gives up at its own time-out") {
    const Folder folder;
    News news;
    const auto service = serve(folder.socket(), news.handler());
    const auto start = std::chrono::steady_clock::now();
    const auto answer = ask(folder.socket(), "GET", "/?wait_ms=20000", "", 200ms);
    REQUIRE_FALSE(answer);
    CHECK(answer.error() == Reason::upstream_timeout);
    CHECK(secondsSince(start) < 10);
}

TEST_CASE("Nobody at the socket is unreachable; a path too long for a socket is an error, too") {
    const Folder folder;
    const auto nobody = ask(folder.socket(), "GET", "/", "", 5s);
    REQUIRE_FALSE(nobody);
    CHECK(nobody.error() == Reason::unreachable);
    CHECK_FALSE(ask(std::string(300, 'x'), "GET", "/", "", 5s));
    const auto service = HttpService::start(folder.socket().string() + std::string(300, 'x'), echo);
    REQUIRE_FALSE(service);
    CHECK(service.error() == Reason::config_value);
}

TEST_CASE("Malformed HTTP ends its connection only") {
    const Folder folder;
    const auto service = serve(folder.socket(), echo);
    for (const std::string& bytes :
         {std::string("hello\r\n\r\n"), std::string("GET / HTTP/9.9\r\n\r\n"), std::string(100'000, 'A'),
          std::string("GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"), std::string("\0\0\0\0", 4),
          std::string(), std::string("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
          "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\n\r\n"}) {
        CAPTURE(bytes.substr(0, 40));
        CHECK(sayRaw(folder.socket(), bytes).find("[") == std::string::npos); // the handler never saw it
    }
    CHECK(ask(folder.socket(), "GET", "/still", "", 10s)->body == "GET /still []");
}

TEST_CASE("Requests on one connection are answered one after the other") {
    const Folder folder;
    const auto service = serve(folder.socket(), echo);
    const auto answers = sayRaw(folder.socket(), "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
                                                 "GET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(answers.find("GET /a []") < answers.find("GET /b []"));
    CHECK(answers.find("GET /b []") != std::string::npos);
}

TEST_CASE("A body up to the limit is taken, a longer one is not") {
    const Folder folder;
    const auto service = serve(folder.socket(), [](const HttpRequest& request, bool) {
        return HttpAnswer{200, std::to_string(request.body.size())};
    });
    const auto longest = ask(folder.socket(), "POST", "/", std::string(HttpService::longestBody, 'b'), 10s);
    REQUIRE(longest);
    CHECK(longest->body == std::to_string(HttpService::longestBody));
    const auto tooLong =
        ask(folder.socket(), "POST", "/", std::string(HttpService::longestBody + 1, 'b'), 10s);
    if (tooLong)
        CHECK(tooLong->status == 413);
    else
        CHECK(tooLong.error() == Reason::reply_malformed);
    CHECK(ask(folder.socket(), "POST", "/", "b", 10s)->body == "1");
}

TEST_CASE("A stale socket file is replaced, one that answers is not") {
    const Folder folder;
    { // bound and closed without removing the file: what a killed program leaves
        const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        folder.socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
        REQUIRE(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        ::close(left);
    }
    REQUIRE(std::filesystem::exists(folder.socket()));
    const auto service = serve(folder.socket(), echo);
    const auto second = HttpService::start(folder.socket(), echo);
    REQUIRE_FALSE(second);
    CHECK(second.error() == Reason::config_value);
    CHECK(ask(folder.socket(), "GET", "/first", "", 10s)->body == "GET /first []");
}

TEST_CASE("A file that is no socket is never removed") {
    const Folder folder;
    std::ofstream(folder.socket()) << "something of value";
    CHECK_FALSE(HttpService::start(folder.socket(), echo));
    CHECK(std::filesystem::file_size(folder.socket()) == 18);
}

TEST_CASE("Fifty requests wait at once and all are woken") {
    const Folder folder;
    News news;
    const auto service = serve(folder.socket(), news.handler());
    std::vector<std::future<Result<HttpAnswer>>> waiting;
    for (int i = 0; i < 50; ++i)
        waiting.push_back(askLater(folder.socket(), "/?wait_ms=15000"));
    news.awaitQuestions(50);
    news.there = true;
    service->notify();
    for (auto& one : waiting) {
        const auto answer = one.get();
        REQUIRE(answer);
        CHECK(answer->body == "news");
    }
}

TEST_CASE("The service stops within a second while requests wait, and they end") {
    const Folder folder;
    News news;
    auto service = serve(folder.socket(), news.handler());
    std::vector<std::future<Result<HttpAnswer>>> waiting;
    for (int i = 0; i < 10; ++i)
        waiting.push_back(askLater(folder.socket(), "/?wait_ms=15000"));
    news.awaitQuestions(10);
    const auto start = std::chrono::steady_clock::now();
    service.reset();
    CHECK(secondsSince(start) < 1.0);
    for (auto& one : waiting)
        CHECK_FALSE(one.get());
    CHECK(secondsSince(start) < 5.0);
}

TEST_CASE("A handler that throws ends its connection only") {
    const Folder folder;
    const auto service =
        serve(folder.socket(), [](const HttpRequest& request, bool) -> std::optional<HttpAnswer> {
            if (request.path == "/throw")
                throw std::runtime_error("thrown");
            return HttpAnswer{200, "fine"};
        });
    CHECK_FALSE(ask(folder.socket(), "GET", "/throw", "", 5s));
    CHECK(ask(folder.socket(), "GET", "/", "", 5s)->body == "fine");
}

TEST_CASE("without a free descriptor the service rests, tells it once, and goes on when there is one again") {
    const Folder folder;
    const test::CapturedLog log;
    {
        const auto service = serve(folder.socket(), echo);
        const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        rlimit before{};
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
        const rlimit none{0, before.rlim_max}; // what is open stays open
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        folder.socket().string().copy(address.sun_path, sizeof address.sun_path - 1);
        const int connected =
            ::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        const auto used = std::clock();
        std::this_thread::sleep_for(500ms);
        const auto spent = static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        CHECK(connected == 0);
        CHECK(spent < 0.05); // seconds of processor time: spinning takes what it can get
        const auto answer = ask(folder.socket(), "GET", "/after", "", 20s);
        CHECK(answer->body == "GET /after []");
        ::close(connection);
    }
    const auto told = log.text();
    const auto first = told.find("taking a connection");
    CHECK(first != std::string::npos);
    CHECK(told.find("taking a connection", first + 1) == std::string::npos);
}
