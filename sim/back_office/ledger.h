// What was settled: the collector's ledger, with the simulated operator's own books in it: whose purse was
// debited, and whether a code holds that was taken on trust.
#pragma once

#include "collector/sqlite_ledger.h"
#include "sim/back_office/back_office.h"
#include "sim/back_office/purse_book.h"

namespace ykt::sim {

class Ledger {
  public:
    // `tokens` and `clock` outlive it; the former says whether a code holds that was taken on trust.
    // Errors: store_failed.
    static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& file, TacCheck tacIsRight,
                                                TokenBook& tokens, const hal::Clock& clock);

    // As collector::Ledger has it. New records of `rejectedKind` are refused. Errors: store_failed.
    Result<std::vector<collector::Verdict>> settle(const collector::IncomingBatch& batch,
                                                   const std::string& rejectedKind);

    std::vector<LedgerRow> rows();
    std::vector<std::string> audit();
    std::vector<PurseLine> purseLines();

  private:
    Ledger(std::unique_ptr<collector::SqliteLedger> settled, TacCheck tacIsRight, TokenBook& tokens);
    // Enters what the record says of a purse; why it cannot be believed, empty if it can.
    std::string enterPurse(const collector::IncomingRecord& record);
    // Enters whether the code holds that the record took on trust, if it did.
    void enterDeferral(const collector::IncomingBatch& batch, const collector::IncomingRecord& record);
    // By record id.
    std::map<std::string, bool> deferrals();

    std::unique_ptr<collector::SqliteLedger> settled_;
    PurseBook purses_;
    TokenBook& tokens_;
};

} // namespace ykt::sim
