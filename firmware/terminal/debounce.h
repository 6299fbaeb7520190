// One card that bounces on a reader is one presentation. This is about contacts and antennas; that a holder
// may not pass twice is a rule (policy, repeat_interval_s).
#pragma once

#include "base/secret.h"
#include "base/time.h"

#include <optional>
#include <string>

namespace ykt::firmware::terminal {

class Debounce {
  public:
    explicit Debounce(Milliseconds interval) : interval_(interval) {}

    // Whether this medium was concluded at this reader less than the interval ago.
    [[nodiscard]] bool bounces(const PersonalData<std::string>& mediumId, MonotonicTime now) const {
        return last_ && now - at_ < interval_ && last_->reveal() == mediumId.reveal();
    }
    void concluded(const PersonalData<std::string>& mediumId, MonotonicTime now) {
        last_ = mediumId;
        at_ = now;
    }

  private:
    Milliseconds interval_;
    std::optional<PersonalData<std::string>> last_;
    MonotonicTime at_{};
};

} // namespace ykt::firmware::terminal
