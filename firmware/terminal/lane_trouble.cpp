#include "firmware/terminal/lane_trouble.h"

#include <condition_variable>
#include <spdlog/spdlog.h>

namespace ykt::firmware::terminal {

void recover(Terminal& terminal, const std::string& lane, const Error& error, const std::stop_token& stop) {
    if (error.reason == Reason::frame_invalid)
        spdlog::warn("{}: {}", lane, explain(error));
    if (error.reason != Reason::camera_gone)
        return;
    terminal.reportLane(lane, {.occupied = false, .trouble = error.reason});
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, sourceWait, [] { return false; });
}

} // namespace ykt::firmware::terminal
