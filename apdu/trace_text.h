// How a trace is written. Private to traces.
#pragma once

#include "apdu/trace.h"

namespace ykt::apdu {

inline constexpr std::string_view traceTitle = "ykt-trace 1";

std::string traceHead(const MaskedBytes& atr); // the first two lines
std::string lineOf(const TraceStep& step);     // one or two lines, each with its line feed

} // namespace ykt::apdu
