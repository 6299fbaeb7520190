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

    [[nodiscard]] Watchdog& watchdog() { return *watchdog_; }
    [[nodiscard]] const Limits& limits() const { return limits_; }

  private:
    std::shared_ptr<Watchdog> watchdog_;
    const Limits limits_;
    std::mutex mutex_;
    std::unique_ptr<Context> idle_;
};

} // namespace ykt::drivers::pcsc
