// Lanes that append at one time share one COMMIT and one flush: the first writes for all that wait by the
// time that it has the database, the others sleep until theirs is done. No thread of its own, and no waiting
// for company: who comes alone writes at once.
#pragma once

#include "offline_store/record.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

namespace ykt::offline_store {

class AppendQueue {
  public:
    // One lane's entry. Shared, so that whoever wakes the lane does not touch what it has left already.
    struct Appending {
        explicit Appending(const Entry& theEntry) : entry(theEntry) {}
        const Entry& entry;
        Result<Record> outcome = fail(Reason::store_failed, "not written");
        enum class State : int { waits, leads, done };
        std::atomic<State> state{State::waits};
    };
    using Group = std::vector<std::shared_ptr<Appending>>;

    // Queues it and waits for its turn. True: this lane takes the group, writes it and then leaves; false:
    // another did, and the outcome is there.
    bool enter(const std::shared_ptr<Appending>& mine);
    // All that wait by now, in the order in which they came.
    Group takeAll();
    // The group is written: wakes its lanes, and then who leads next, so that those may join.
    void leave(const Group& group);

  private:
    std::mutex mutex_;
    Group waiting_;
    bool isLed_ = false;
};

} // namespace ykt::offline_store
