// Lanes that append at one time share one COMMIT and one flush: the first of a group writes for all of it,
// the others sleep until that is done. No thread of its own. Who comes alone writes at once; who was in
// company last time waits a little for it, which costs less than the flush that it saves.
#pragma once

#include "offline_store/record.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace ykt::offline_store {

class AppendQueue {
  public:
    // One lane's entry, where that lane waits.
    struct Appending {
        const Entry& entry;
        const Bytes packed; // its payload, by the lane's own thread
        Result<Record> outcome = fail(Reason::store_failed, "not written");
    };
    using Group = std::vector<Appending*>;

    // Puts `mine` into the group that is gathering. True: this lane leads it, it is its turn, and it must
    // take(), write and leave(). False: another lane did, and the outcome is there.
    bool enter(Appending& mine);
    // All that wait by now, in the order in which they came; later ones are the next group.
    Group take();
    // The group is written, or failed: wakes its lanes and who leads the next.
    void leave();

  private:
    struct Gathering {
        Group group;
        std::atomic<int> isWritten{0}; // an int is what a futex waits on: waking takes no lock
    };

    std::mutex mutex_;
    std::shared_ptr<Gathering> gathering_ = std::make_shared<Gathering>();
    std::shared_ptr<Gathering> writing_; // null: nobody writes
    std::condition_variable turn_;       // of the gathering's leader: nobody writes, or all have come
    std::size_t expected_ = 1;           // lanes that were there last time: served, or waiting for the next
};

} // namespace ykt::offline_store
