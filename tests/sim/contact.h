// A connection straight to the software of a simulated card.
#pragma once

#include "hal/card_reader.h"
#include "sim/cards/card_software.h"

#include <memory>

namespace ykt::test {

class Contact : public hal::CardConnection {
  public:
    explicit Contact(std::shared_ptr<sim::CardSoftware> card) : card_(std::move(card)) { card_->reset(); }

    [[nodiscard]] Bytes atr() const override { return card_->atr(); }
    Result<Bytes> transmit(ByteView command) override {
        auto answer = card_->answer(command);
        return answer ? Result<Bytes>(std::move(*answer)) : fail(Reason::card_mute);
    }
    Result<void> reset() override {
        card_->reset();
        return {};
    }
    Result<void> beginExclusive() override { return {}; }
    void endExclusive() override {}

  private:
    std::shared_ptr<sim::CardSoftware> card_;
};

} // namespace ykt::test
