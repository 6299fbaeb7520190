// What came of one presentation, for the holder, the operator and the panel. It holds no personal data.
#pragma once

#include "firmware/identity/verified_identity.h"
#include "firmware/policy/decide.h"
#include "hal/actuators.h"
#include "offline_store/record.h"

#include <deque>
#include <mutex>

namespace ykt::firmware::terminal {

// A card or a code that a lane saw.
struct Presentation {
    std::string lane;
    MonotonicTime at{};                     // when the driver was told of the card, or the frame was taken
    std::optional<identity::Medium> medium; // as far as the lane could tell
};

struct Outcome {
    std::uint64_t number = 0; // rising from 1 in each run of the program
    Presentation presentation;
    WallTime decidedAt{};
    hal::Signal signal = hal::Signal::fault;
    std::optional<Reason> reason; // none when accepted
    std::string context;          // of the error, for an operator
    std::uint32_t fareFen = 0;
    std::optional<std::uint32_t> balanceFen;        // left in the purse that paid
    std::chrono::microseconds toDecision{};         // from presentation
    std::chrono::microseconds toCommit{};           // from presentation; zero where nothing was recorded
    std::optional<offline_store::RecordId> receipt; // the number that the hotline can look up
    policy::Text holderText;
};

// The latest outcomes, for whoever watches.
class OutcomeLog {
  public:
    Outcome add(Outcome outcome);                                         // gives it its number
    [[nodiscard]] std::vector<Outcome> after(std::uint64_t number) const; // oldest first
    [[nodiscard]] std::uint64_t newest() const;

    static constexpr std::size_t kept = 1000;

  private:
    mutable std::mutex mutex_;
    std::deque<Outcome> outcomes_;
    std::uint64_t newest_ = 0;
};

} // namespace ykt::firmware::terminal
