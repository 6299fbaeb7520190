// --keep: the world stays for a person to play with, through yktctl.
#pragma once

#include "tools/demo/presenter.h"

namespace ykt::demo {

// Serves the world's control socket, prints how to play, and returns when SIGINT or SIGTERM arrives, which
// must be blocked in every thread. Errors: config_value (the socket).
Result<void> playUntilInterrupted(World& world, Presenter& presenter, const std::string& yktctl);

} // namespace ykt::demo
