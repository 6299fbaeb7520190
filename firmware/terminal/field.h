// What one antenna reaches: the readers of one lane's place share a field, and two cards in it are one too
// many.
#pragma once

#include <mutex>
#include <set>
#include <string>

namespace ykt::firmware::terminal {

class Field {
  public:
    // True: the card that came to `reader` is the only one.
    bool enter(const std::string& reader) {
        const std::lock_guard lock(mutex_);
        occupied_.insert(reader);
        return occupied_.size() == 1;
    }
    void leave(const std::string& reader) {
        const std::lock_guard lock(mutex_);
        occupied_.erase(reader);
    }

  private:
    std::mutex mutex_;
    std::set<std::string> occupied_;
};

} // namespace ykt::firmware::terminal
