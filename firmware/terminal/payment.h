// How an accepted presentation is paid and recorded, where a record alone does not do it.
#pragma once

#include "offline_store/record.h"

namespace ykt::firmware::terminal {

struct Paid {
    offline_store::Record record;
    std::uint32_t fen = 0;                  // what was taken
    std::optional<std::uint32_t> balance{}; // fen that are left
};

class Payment {
  public:
    virtual ~Payment() = default;
    // Takes the fare and appends `accepted` to the journal, both or neither as far as can be known. Errors:
    // those of the medium, of the SAM and of the store; debit_unfinished when only the card knows.
    virtual Result<Paid> pay(std::uint32_t fareFen, const offline_store::Entry& accepted) = 0;
};

} // namespace ykt::firmware::terminal
