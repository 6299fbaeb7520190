// Asks the terminal's panel or the simulated world's control over its Unix socket.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "tools/yktctl/json.h"

#include <filesystem>

namespace ykt::tools {

// The JSON object that the service answers. Errors: local_service_failed (nobody serves the socket, no answer
// in time, no JSON object, or an error that has no reason of ours), and whatever reason the service gives.
Result<Json> askService(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                        const Json& body = nullptr, Milliseconds timeout = Milliseconds{10'000});

} // namespace ykt::tools
