#pragma once

#include "base/time.h"

namespace ykt::hal {

// What a trusted source thought of the terminal's wall clock, a moment ago.
enum class TimeVerdict {
    agrees,
    differs_a_little, // by too little to object, by too much to confirm
    differs,
};

// A clock that is told what others know of the time, so that it can say how far it is to be believed. It is
// never set by that.
class TimeKeeper {
  public:
    virtual ~TimeKeeper() = default;
    // A time that the terminal is sure to have passed, as its store remembers it.
    virtual void remember(WallTime passed) = 0;
    virtual void hear(TimeVerdict verdict) = 0;
};

} // namespace ykt::hal
