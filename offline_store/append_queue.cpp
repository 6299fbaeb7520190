#include "offline_store/append_queue.h"

#include <utility>

namespace ykt::offline_store {

using State = AppendQueue::Appending::State;

bool AppendQueue::enter(const std::shared_ptr<Appending>& mine) {
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(mine);
        if (!std::exchange(isLed_, true))
            return true;
    }
    mine->state.wait(State::waits);
    return mine->state == State::leads;
}

AppendQueue::Group AppendQueue::takeAll() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(waiting_, {});
}

void AppendQueue::leave(const Group& group) {
    for (const auto& one : group) {
        one->state = State::done;
        one->state.notify_one();
    }
    const std::scoped_lock lock(mutex_);
    isLed_ = !waiting_.empty();
    if (isLed_) {
        waiting_.front()->state = State::leads;
        waiting_.front()->state.notify_one();
    }
}

} // namespace ykt::offline_store
