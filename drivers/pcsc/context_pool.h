// The sessions of one slot, kept from one card to the next: a new one costs more than reading a file does.
#pragma once

#include "drivers/pcsc/context.h"
#include "drivers/pcsc/limits.h"

#include <memory>

namespace ykt::drivers::pcsc {

// Any thread may call. Each session that is out has one user.
class ContextPool {
  public:
    ContextPool(std::shared_ptr<Watchdog> watchdog, Limits limits)
        : watchdog_(std::move(watchdog)), limits_(limits) {}

    // One that was used before, perhaps with a pcscd that has gone since. Null: there is none.
    std::unique_ptr<Context> takeIdle();
    // Context::code() tells whether it is of use.
    std::unique_ptr<Context> make();
    // Keeps one; what was hung up is of no more use.
    void giveBack(std::unique_ptr<Context> context);

    // A session that was given up on lives on in pcscd until its reader answers, and pcscd serves no more
    // than 200 sessions in all. So a reader that stays silent is asked again at growing intervals only and at
    // last no more, until it answers or something happens to it (`losses`, Slot::losses()).
    void gaveUp(std::uint64_t losses);
    void answered();
    [[nodiscard]] bool resting(std::uint64_t losses) const;

    [[nodiscard]] Watchdog& watchdog() { return *watchdog_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }

  private:
    std::shared_ptr<Watchdog> watchdog_;
    const Limits limits_;
    mutable std::mutex mutex_;
    std::unique_ptr<Context> idle_;
    unsigned givenUp_ = 0; // in a row
    std::uint64_t losses_ = 0;
    MonotonicTime restUntil_{};
};

} // namespace ykt::drivers::pcsc
