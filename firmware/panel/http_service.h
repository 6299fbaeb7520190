// A small HTTP/1.1 service on a Unix socket, for programs on the same machine. Access is the socket file's
// mode (0600). One thread; requests that wait for news cost a timer each, not a thread.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace ykt::firmware::panel {

struct HttpRequest {
    std::string method;
    std::string path;                         // without the query
    std::map<std::string, std::string> query; // not percent-decoded: no value of ours needs it
    std::string body;

    // The query's value as a number up to `most`; `otherwise` where it is absent or not a number.
    [[nodiscard]] std::uint64_t number(const std::string& key, std::uint64_t otherwise,
                                       std::uint64_t most) const;
};

struct HttpAnswer {
    unsigned status = 200;
    std::string body; // JSON
};

// nullopt: nothing to say yet. The service asks again after each notify(), and at the end of the request's
// `wait_ms` with `lastTime` set, when there must be an answer.
using HttpHandler = std::function<std::optional<HttpAnswer>(const HttpRequest& request, bool lastTime)>;

inline constexpr std::size_t longestSocketPath = 108; // of sun_path, with its final zero (unix(7))

class HttpService {
  public:
    // Binds and serves. A stale socket file is replaced; one that answers, or a file of another kind, is not.
    // Errors: config_value.
    static Result<std::unique_ptr<HttpService>> start(const std::filesystem::path& socket,
                                                      HttpHandler handler);
    ~HttpService(); // stops within a second and removes the socket file

    void notify(); // news: waiting requests are asked again; from any thread

    static constexpr std::size_t longestBody = 65'536;
    static constexpr Milliseconds longestWait{30'000};

  private:
    struct Impl;
    explicit HttpService(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

} // namespace ykt::firmware::panel
