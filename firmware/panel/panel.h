// The terminal's local API. GET /v1/status[?ready&wait_ms=N], /v1/outcomes?after=N&wait_ms=N,
// /v1/journal?from=N&most=N[&dead], /v1/journal/N, /v1/catalogue, /v1/keys; POST /v1/pin, /v1/position,
// /v1/journal/N/requeue, /v1/keys/rotate, /v1/keys/prune; docs/panel.md.
#pragma once

#include "firmware/panel/http_service.h"
#include "firmware/panel/views.h"

namespace ykt::firmware::panel {

class Panel {
  public:
    // Errors: config_value (the socket).
    static Result<std::unique_ptr<Panel>> start(const std::filesystem::path& socket, StatusSources sources);
    void notify() { service_->notify(); } // what the terminal shows has changed

  private:
    explicit Panel(StatusSources sources) : sources_(std::move(sources)) {}
    std::optional<HttpAnswer> answer(const HttpRequest& request, bool lastTime);
    HttpAnswer journal(const HttpRequest& request);
    HttpAnswer requeue(const HttpRequest& request);
    HttpAnswer post(const HttpRequest& request);

    StatusSources sources_;
    std::unique_ptr<HttpService> service_;
};

} // namespace ykt::firmware::panel
