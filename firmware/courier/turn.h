// When something that is asked for again and again is due: each by itself, so that what fails does not keep
// the others from their turn. Of one thread.
#pragma once

#include "firmware/courier/backoff.h"
#include "firmware/courier/upstream.h"

namespace ykt::firmware::courier {

class Turn {
  public:
    // Due at once. What fails waits at least `least`.
    Turn(Milliseconds least, BackoffLimits limits, MonotonicTime now, Dice dice = randomDice)
        : least_(least), backoff_(limits, std::move(dice)), due_(now) {}

    [[nodiscard]] MonotonicTime due() const { return due_; }
    // Of the last time; none if that succeeded.
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

    void succeeded(MonotonicTime dueNext);
    // Due when the backoff says, and no sooner than the back office asked. True: it failed otherwise than the
    // time before, which is worth telling.
    bool failed(MonotonicTime now, const UpstreamError& error);

  private:
    Milliseconds least_;
    Backoff backoff_;
    MonotonicTime due_;
    std::optional<Error> failure_;
};

} // namespace ykt::firmware::courier
