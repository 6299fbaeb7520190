#include "firmware/terminal/outcome.h"

#include <algorithm>
#include <iterator>

namespace ykt::firmware::terminal {

Outcome OutcomeLog::add(Outcome outcome) {
    const std::lock_guard lock(mutex_);
    outcome.number = ++newest_;
    outcomes_.push_back(outcome);
    if (outcomes_.size() > kept)
        outcomes_.pop_front();
    return outcome;
}

std::vector<Outcome> OutcomeLog::after(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    std::vector<Outcome> found;
    std::ranges::copy_if(outcomes_, std::back_inserter(found),
                         [number](const Outcome& outcome) { return outcome.number > number; });
    return found;
}

std::uint64_t OutcomeLog::newest() const {
    const std::lock_guard lock(mutex_);
    return newest_;
}

} // namespace ykt::firmware::terminal
