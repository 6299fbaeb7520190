// What a lane does when its camera or scan engine fails.
#pragma once

#include "firmware/terminal/terminal.h"

#include <stop_token>

namespace ykt::firmware::terminal {

inline constexpr Milliseconds sourceWait{
    500}; // for a frame or payload; a source that is gone is asked as often

// A bad frame is said and passed over; a source that is gone is the lane's trouble until it is there again.
// Returns when the source may be asked again, at once when the terminal stops.
void recover(Terminal& terminal, const std::string& lane, const Error& error, const std::stop_token& stop);

} // namespace ykt::firmware::terminal
