// Keeps other programs from a card for the length of a scope.
#pragma once

#include "hal/card_reader.h"

#include <utility>

namespace ykt::apdu {

class Exclusive {
  public:
    // Errors: those of CardConnection::beginExclusive.
    static Result<Exclusive> begin(hal::CardConnection& card) {
        if (const auto begun = card.beginExclusive(); !begun)
            return failWith(begun);
        return Exclusive(card);
    }
    Exclusive(Exclusive&& other) noexcept : card_(std::exchange(other.card_, nullptr)) {}
    Exclusive& operator=(Exclusive&&) = delete;
    ~Exclusive() {
        if (card_ != nullptr)
            card_->endExclusive();
    }

  private:
    explicit Exclusive(hal::CardConnection& card) : card_(&card) {}

    hal::CardConnection* card_;
};

} // namespace ykt::apdu
