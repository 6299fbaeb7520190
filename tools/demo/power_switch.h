// The power of the terminal in the demo.
#pragma once

#include "base/result.h"

namespace ykt::demo {

class PowerSwitch {
  public:
    virtual ~PowerSwitch() = default;
    // At once; what the terminal was doing is not finished. Any thread may call it.
    virtual void cut() = 0;
    // Starts the terminal on what is on its disk. Errors: those of the start.
    virtual Result<void> restore() = 0;
};

} // namespace ykt::demo
