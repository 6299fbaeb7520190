// Asks an HttpService on the same machine.
#pragma once

#include "firmware/panel/http_service.h"

namespace ykt::firmware::panel {

// One request over a new connection. `target` is path and query. Errors: unreachable (nobody serves the
// socket), upstream_timeout, reply_malformed.
Result<HttpAnswer> ask(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                       std::string_view body, Milliseconds timeout);

} // namespace ykt::firmware::panel
