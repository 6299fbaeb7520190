#include "drivers/event_queue.h"

#include <algorithm>

namespace ykt::drivers {

void EventQueue::push(hal::CardEvent event) {
    {
        const std::lock_guard lock(mutex_);
        if (events_.size() == capacity)
            events_.pop_front();
        events_.push_back(std::move(event));
    }
    pushed_.notify_one();
}

bool EventQueue::holds(bool (*such)(const hal::CardEvent&)) const {
    const std::lock_guard lock(mutex_);
    return std::ranges::any_of(events_, such);
}

Result<std::optional<hal::CardEvent>> EventQueue::next(const std::stop_token& stop, Milliseconds timeout) {
    std::unique_lock lock(mutex_);
    pushed_.wait_for(lock, stop, timeout, [this] { return !events_.empty(); });
    if (stop.stop_requested())
        return fail(Reason::cancelled, "waiting for a card");
    if (events_.empty())
        return std::nullopt;
    hal::CardEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

} // namespace ykt::drivers
