// How long to wait after a failure: exponential with full jitter, so that terminals that lost one network do
// not come back in step.
#pragma once

#include "base/time.h"

#include <functional>
#include <optional>
#include <string_view>

namespace ykt::firmware::courier {

struct BackoffLimits {
    Milliseconds first{500};
    Milliseconds longest{60'000};
    Milliseconds longestRetryAfter{600'000}; // what the back office asks for is obeyed up to here
};

// Gives a number in [0, 0xffff'ffff], each as likely as the next.
using Dice = std::function<std::uint32_t()>;
std::uint32_t randomDice(); // its greatest, which waits longest, when there is no randomness

// Of one thread.
class Backoff {
  public:
    explicit Backoff(BackoffLimits limits, Dice dice = randomDice)
        : limits_(limits), dice_(std::move(dice)) {}

    // After one more failure in a row: uniform in [0, first * 2^(failures before)], bounded by `longest`; no
    // shorter than what the back office asked for.
    Milliseconds next(std::optional<Milliseconds> retryAfter = {});
    void reset() { failures_ = 0; }

  private:
    BackoffLimits limits_;
    Dice dice_;
    unsigned failures_ = 0;
};

// The seconds form of RFC 9110, 10.2.3; the contract has no date form. What is too large for 32 bits is their
// greatest number; anything but digits is none.
std::optional<Milliseconds> parseRetryAfter(std::string_view text);

} // namespace ykt::firmware::courier
