// Where a card of the world is put: a slot of pcscd's virtual reader, or a reader in the same process.
#pragma once

#include "sim/cards/card_software.h"
#include "sim/cards/pulled_connection.h"

#include <memory>
#include <optional>

namespace ykt::demo {

// The card leaves when the terminal sends its command with index `at` (0 is the first).
struct Pull {
    std::size_t at = 0;
    sim::PullMoment moment = sim::PullMoment::before_it_acts;
};

class CardSlot {
  public:
    virtual ~CardSlot() = default;
    virtual void insert(std::shared_ptr<sim::CardSoftware> card, std::optional<Pull> pull) = 0;
    virtual void remove() = 0;
};

} // namespace ykt::demo
