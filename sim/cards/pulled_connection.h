// A card that is pulled during an exchange: a connection that is there until its n-th command.
#pragma once

#include "hal/card_reader.h"

#include <memory>

namespace ykt::sim {

enum class PullMoment {
    before_it_acts, // the card never saw the command
    after_it_acted, // the card carried the command out, but its answer was lost
};

class PulledConnection : public hal::CardConnection {
  public:
    // The command with index `at` (0 is the first) and all later ones end in card_gone.
    PulledConnection(std::unique_ptr<hal::CardConnection> card, std::size_t at, PullMoment moment)
        : card_(std::move(card)), at_(at), moment_(moment) {}

    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    Result<Bytes> transmit(ByteView command) override;
    Result<void> reset() override;
    Result<void> beginExclusive() override;
    void endExclusive() override { card_->endExclusive(); }

  private:
    std::unique_ptr<hal::CardConnection> card_;
    std::size_t at_;
    PullMoment moment_;
    std::size_t commands_ = 0;
    bool gone_ = false;
};

} // namespace ykt::sim
