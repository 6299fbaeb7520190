// The back office's time against the terminal's. The back office is authenticated (mutual TLS), so what it
// says of the time counts; but the terminal never sets its clock by it, it only believes it more or less.
#pragma once

#include "firmware/courier/upstream.h"
#include "hal/clock.h"
#include "hal/time_keeper.h"
#include "offline_store/store.h"

namespace ykt::firmware::courier {

class ClockCheck {
  public:
    // The store takes the security events.
    ClockCheck(const hal::Clock& clock, hal::TimeKeeper& keeper, offline_store::Store& store)
        : clock_(clock), keeper_(keeper), store_(store) {}

    // Of one thread. What was compared already is not compared again.
    // A difference within `agreement` confirms the clock; three in a row above `mostSkew` make it suspect,
    // and the first three of a time also a security event "clock_skew" {"seconds"}.
    void compare(const ServerTime& server);

    // A Date has whole seconds and may have been a while on its way: a slow answer confirms nothing.
    static constexpr Milliseconds agreement{3'000};
    static constexpr Milliseconds mostSkew{300'000};
    // One server behind a name may be wrong; all of them are not.
    static constexpr int objections = 3;

  private:
    void object(Milliseconds skew);

    const hal::Clock& clock_;
    hal::TimeKeeper& keeper_;
    offline_store::Store& store_;
    std::optional<MonotonicTime> heard_;
    int objected_ = 0; // in a row
    bool told_ = false;
};

} // namespace ykt::firmware::courier
