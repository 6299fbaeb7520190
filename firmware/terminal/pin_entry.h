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
        if (lanes_ == 0)
            return false;
        given_ = std::move(digits);
        came_.notify_all();
        return true;
    }

    // A lane asks from construction to destruction.
    class Asking {
      public:
        explicit Asking(PinEntry& entry) : entry_(entry) {
            const std::lock_guard lock(entry_.mutex_);
            ++entry_.lanes_;
        }
        ~Asking() {
            const std::lock_guard lock(entry_.mutex_);
            if (--entry_.lanes_ == 0)
                entry_.given_.reset();
        }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

        // nullopt: none within `timeout`.
        std::optional<Secret> wait(Milliseconds timeout) {
            std::unique_lock lock(entry_.mutex_);
            entry_.came_.wait_for(lock, timeout, [this] { return entry_.given_.has_value(); });
            return std::exchange(entry_.given_, std::nullopt);
        }

      private:
        PinEntry& entry_;
    };

  private:
    std::mutex mutex_;
    std::condition_variable came_;
    int lanes_ = 0; // that are asking
    std::optional<Secret> given_;
};

} // namespace ykt::firmware::terminal
