#include "firmware/terminal/code_lane.h"

#include "firmware/terminal/lane_trouble.h"

#include <algorithm>

namespace ykt::firmware::terminal {

void CodeLane::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto frame = camera_->nextFrame(stop, sourceWait);
        if (!frame) {
            recover(terminal_, name_, frame.error(), stop);
            continue;
        }
        terminal_.reportLane(name_, {});
        if (*frame)
            look(**frame);
        else
            terminal_.rest();
    }
}

void CodeLane::look(const hal::Frame& frame) {
    const auto symbols = reader_.read(frame);
    if (!symbols && symbols.error() == Reason::symbol_in_parts)
        return intake_.refuse(symbols.error().reason, frame.taken);
    if (!symbols)
        return terminal_.rest(); // most frames hold nothing
    std::vector<ByteView> payloads;
    for (const auto& symbol : *symbols)
        payloads.emplace_back(symbol.payload);
    intake_.take(payloads, frame.taken);
}

} // namespace ykt::firmware::terminal
