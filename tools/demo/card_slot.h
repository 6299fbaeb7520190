// Where a card of the world is put: a slot of pcscd's virtual reader, or a reader in the same process.
#pragma once

#include "sim/cards/card_software.h"

#include <memory>
#include <optional>

namespace ykt::demo {

class CardSlot {
  public:
    virtual ~CardSlot() = default;
    // `pullAt`: the card leaves when the terminal sends its n-th command (from 0), before the card sees it.
    virtual void insert(std::shared_ptr<sim::CardSoftware> card, std::optional<std::size_t> pullAt) = 0;
    virtual void remove() = 0;
};

} // namespace ykt::demo
