// What left whose purse, as the records tell it. Of the ledger's database and under its lock.
#pragma once

#include "sim/back_office/back_office.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace ykt::sim {

// The "purse" object of a record's payload (docs/back-office-api.md).
struct PurseClaim {
    PurchaseClaim purchase; // its code is zeros where the record has none
    bool hasTac = false;
    std::uint16_t counter = 0; // before the debit
    PurseLine::State state = PurseLine::State::unresolved;
    bool provedByCard = false; // evidence that comes with a transaction code
};

// nullopt: the record is about no purse. Errors: input_malformed (it is, and not as documented).
Result<std::optional<PurseClaim>> purseClaimOf(const std::string& kind, std::string_view payload);

// A card makes one debit with each counter. Of several attempts with one counter (begun at two terminals, or
// torn and begun anew) one at most was made.
class PurseBook {
  public:
    PurseBook(SQLite::Database& database, TacCheck tacIsRight);

    // Enters what the record says, and why it cannot be believed; empty: entered. Throws SQLite::Exception.
    std::string enter(const PurseClaim& claim);

    // One for each purse and counter. Throws SQLite::Exception.
    std::vector<PurseLine> lines();

  private:
    // What is wrong with the transaction code; empty: nothing.
    [[nodiscard]] std::string doubtAbout(const PurseClaim& claim) const;

    SQLite::Database& database_;
    TacCheck tacIsRight_;
};

} // namespace ykt::sim
