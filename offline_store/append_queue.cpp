#include "offline_store/append_queue.h"

#include <utility>

namespace ykt::offline_store {

namespace {

// What sixteen lanes take to be back on two slow cores; most flushes take longer.
constexpr std::chrono::microseconds companyAwaited{250};

} // namespace

bool AppendQueue::enter(Appending& mine) {
    std::unique_lock lock(mutex_);
    const auto joined = gathering_;
    joined->group.push_back(&mine);
    if (joined->group.size() > 1) {
        if (joined->group.size() == expected_)
            turn_.notify_one();
        lock.unlock();
        joined->isWritten.wait(0);
        return false;
    }
    turn_.wait(lock, [&] { return !writing_; });
    turn_.wait_for(lock, companyAwaited, [&] { return joined->group.size() >= expected_; });
    writing_ = joined;
    return true;
}

AppendQueue::Group AppendQueue::take() {
    const std::scoped_lock lock(mutex_);
    gathering_ = std::make_shared<Gathering>();
    return writing_->group;
}

void AppendQueue::leave() {
    std::unique_lock lock(mutex_);
    const auto left = std::exchange(writing_, nullptr);
    expected_ = left->group.size() + gathering_->group.size();
    lock.unlock();
    turn_.notify_one();
    left->isWritten = 1;
    left->isWritten.notify_all();
}

} // namespace ykt::offline_store
