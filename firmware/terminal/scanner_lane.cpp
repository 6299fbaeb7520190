#include "firmware/terminal/scanner_lane.h"

#include "firmware/terminal/lane_trouble.h"

namespace ykt::firmware::terminal {

void ScannerLane::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto payload = scanner_->nextPayload(stop, sourceWait);
        if (!payload) {
            recover(terminal_, name_, payload.error(), stop);
            continue;
        }
        terminal_.reportLane(name_, {});
        if (*payload)
            intake_.take({**payload}, terminal_.clock().now().monotonic);
        else
            terminal_.rest();
    }
}

} // namespace ykt::firmware::terminal
