// Where a PIN goes from whoever lets the holder type it (panel, host software) to the lane that asked.
#pragma once

#include "base/secret.h"
#include "base/time.h"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace ykt::firmware::terminal {

class PinEntry {
  public:
    // False: no lane is waiting for a PIN, and this one is dropped.
    bool give(Secret digits) {
        const std::lock_guard lock(mutex_);
        if (!wanted_)
            return false;
        given_ = std::move(digits);
        changed_.notify_all();
        return true;
    }

    // A lane asks from construction to destruction, one lane at a time: a PIN is for the card that lies
    // there.
    class Asking {
      public:
        // Waits so long for its turn.
        Asking(PinEntry& entry, Milliseconds patience) : entry_(entry) {
            std::unique_lock lock(entry_.mutex_);
            granted_ = entry_.changed_.wait_for(lock, patience, [this] { return !entry_.wanted_; });
            entry_.wanted_ = true;
        }
        ~Asking() {
            if (!granted_)
                return;
            const std::lock_guard lock(entry_.mutex_);
            entry_.wanted_ = false;
            entry_.given_.reset();
            entry_.changed_.notify_all();
        }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

        [[nodiscard]] bool granted() const { return granted_; }

        // nullopt: none within `timeout`.
        std::optional<Secret> wait(Milliseconds timeout) {
            std::unique_lock lock(entry_.mutex_);
            entry_.changed_.wait_for(lock, timeout, [this] { return entry_.given_.has_value(); });
            return std::exchange(entry_.given_, std::nullopt);
        }

      private:
        PinEntry& entry_;
        bool granted_ = false;
    };

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool wanted_ = false;
    std::optional<Secret> given_;
};

} // namespace ykt::firmware::terminal
