// A day at one terminal: what is presented, what must come of it, and the account at the end.
#pragma once

#include "tools/demo/presenter.h"

namespace ykt::demo {

struct PlayedStep {
    std::string title;
    std::string medium;    // of the world
    std::string outcome;   // "accepted", "refused", "again", ...
    std::string reason;    // empty when accepted
    double decisionMs = 0; // from presentation
    double commitMs = 0;   // from presentation, payment included; 0: nothing was recorded
    std::string receipt;
    std::uint64_t sequence = 0; // 0: nothing was recorded
    std::uint64_t fareFen = 0;
    std::optional<std::int64_t> balanceFen; // left in the purse, where the terminal could tell
    bool offline = false;                   // presented while the back office was away
    bool asExpected = false;
};

// Plays every presentation in turn, printing each as it is decided. Errors: those of Presenter; a decision
// that is not the expected one is no error but a step that is not asExpected.
Result<std::vector<PlayedStep>> playDay(World& world, Presenter& presenter, PowerSwitch& power);

// Prints the table of the day with what the back office settled.
void printTable(const std::vector<PlayedStep>& steps, const std::vector<sim::LedgerRow>& ledger);

// Each complaint is a line; none: the ledger equals the journal, every fare is in it once, what left each
// purse is what its holder was shown and what the back office settled and nothing is unresolved, the gate
// opened once for each acceptance and never before its record was written, and no personal data stands in
// `logs`.
std::vector<std::string> auditDay(World& world, Presenter& presenter, const std::vector<PlayedStep>& steps,
                                  const std::vector<std::filesystem::path>& logs);

} // namespace ykt::demo
