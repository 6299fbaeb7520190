#include "drivers/pcsc/watchdog.h"

namespace ykt::drivers::pcsc {

Watchdog::Watchdog(const hal::Clock& clock)
    : clock_(clock), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watchdog::Limit Watchdog::arm(Milliseconds limit, std::function<void()> action) {
    const auto deadline = clock_.now().monotonic + limit;
    bool nearer = false;
    Limit::Key key;
    {
        const std::lock_guard lock(mutex_);
        key = {deadline, count_++};
        armed_.emplace(key, std::move(action));
        nearer = deadline < wakes_;
    }
    // Seldom: a thread that wakes too early costs less than a signal for each exchange.
    if (nearer)
        earlier_.notify_one();
    return {*this, key};
}

void Watchdog::disarm(Limit::Key key) {
    const std::lock_guard lock(mutex_);
    armed_.erase(key);
}

void Watchdog::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto now = clock_.now().monotonic;
        while (!armed_.empty() && armed_.begin()->first.first <= now) {
            armed_.begin()->second();
            armed_.erase(armed_.begin());
        }
        const auto nearer = [this] { return !armed_.empty() && armed_.begin()->first.first < wakes_; };
        wakes_ = armed_.empty() ? MonotonicTime::max() : armed_.begin()->first.first;
        if (armed_.empty())
            earlier_.wait(lock, stop, nearer);
        else
            earlier_.wait_for(lock, stop, wakes_ - now, nearer);
    }
}

} // namespace ykt::drivers::pcsc
