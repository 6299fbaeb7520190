#include "drivers/pcsc/context_pool.h"

#include <algorithm>
#include <winscard.h>

namespace ykt::drivers::pcsc {
namespace {

constexpr unsigned kGivenUpFreely = 2; // times in a row that the reader is asked again at once
constexpr unsigned kMostDoublings = 10;
constexpr Milliseconds kLongestRest = std::chrono::hours(1);
constexpr unsigned kMostGivenUp = 60; // in a row: two days; a terminal has three readers at most

} // namespace

std::unique_ptr<Context> ContextPool::takeIdle() {
    const std::lock_guard lock(mutex_);
    return std::move(idle_);
}

std::unique_ptr<Context> ContextPool::make() {
    return std::make_unique<Context>(*watchdog_, limits_.exchange);
}

void ContextPool::giveBack(std::unique_ptr<Context> context) {
    const std::lock_guard lock(mutex_);
    if (context->code() == SCARD_S_SUCCESS && !context->hungUp() && !idle_)
        idle_ = std::move(context);
}

void ContextPool::gaveUp(std::uint64_t losses) {
    const std::lock_guard lock(mutex_);
    givenUp_ = losses == losses_ ? givenUp_ + 1 : 1;
    losses_ = losses;
    if (givenUp_ <= kGivenUpFreely)
        return;
    if (givenUp_ >= kMostGivenUp) {
        restUntil_ = MonotonicTime::max();
        return;
    }
    const auto doublings = std::min(givenUp_ - kGivenUpFreely, kMostDoublings);
    restUntil_ = watchdog_->clock().now().monotonic +
                 std::min<Milliseconds>(limits_.exchange * (1U << doublings), kLongestRest);
}

void ContextPool::answered() {
    const std::lock_guard lock(mutex_);
    givenUp_ = 0;
}

bool ContextPool::resting(std::uint64_t losses) const {
    const std::lock_guard lock(mutex_);
    return givenUp_ > kGivenUpFreely && losses == losses_ && watchdog_->clock().now().monotonic < restUntil_;
}

} // namespace ykt::drivers::pcsc
