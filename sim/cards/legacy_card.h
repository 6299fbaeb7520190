// A contactless card of the time before the one card: it has a number and no applications.
#pragma once

#include "sim/cards/card_software.h"

namespace ykt::sim {

// Answers FF CA 00 00 00 with its UID. That is no command to a card: a real reader answers it by itself
// (PC/SC part 3, 3.2.2.1.3). The readers of the simulated world hand everything to the card, so the card
// answers in the reader's place.
class LegacyCard : public CardSoftware {
  public:
    // `uid`: 4, 7 or 10 bytes; a first byte 08 of four says that it is drawn anew at each presentation.
    explicit LegacyCard(Bytes uid) : uid_(std::move(uid)) {}

    [[nodiscard]] Bytes atr() const override;
    std::optional<Bytes> answer(ByteView command) override;
    void reset() override {}

  private:
    Bytes uid_;
};

} // namespace ykt::sim
