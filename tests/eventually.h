// Waiting for what another thread or process does and tells nobody of.
#pragma once

#include "base/time.h"

#include <thread>

namespace ykt::test {

// Looks again and again until `condition` holds; false when it does not within `limit`.
template <typename Condition>
bool eventually(Condition&& condition, Milliseconds limit = Milliseconds{20'000}) {
    for (Milliseconds waited{0}; waited < limit; waited += Milliseconds{5}) {
        if (condition())
            return true;
        std::this_thread::sleep_for(Milliseconds{5});
    }
    return condition();
}

} // namespace ykt::test
