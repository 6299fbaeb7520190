// What was settled, once per (terminal, epoch, sequence). Thread-safe.
#pragma once

#include "sim/back_office/back_office.h"
#include "sim/back_office/incoming.h"
#include "sim/back_office/purse_book.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <mutex>

namespace ykt::sim {

class Ledger {
  public:
    // `tokens` outlives it and says whether a code holds that was taken on trust. Errors: store_failed.
    static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& file, TacCheck tacIsRight,
                                                TokenBook& tokens);

    struct Verdict {
        bool settled = false;
        std::string note; // receipt number, or why not
    };
    // The verdict on each, in one commit. A record that is there already gets its first receipt again.
    // Records of `rejectedKind` are refused. Errors: store_failed.
    Result<std::vector<Verdict>> settle(const std::vector<IncomingRecord>& records,
                                        const std::string& rejectedKind);

    std::vector<LedgerRow> rows();
    std::vector<std::string> audit();
    std::vector<PurseLine> purseLines();

  private:
    Ledger(const std::filesystem::path& file, TacCheck tacIsRight, TokenBook& tokens);
    Verdict settleOne(const IncomingRecord& record);
    // Why the record does not fit to its neighbours; empty if it does.
    std::string contradiction(const IncomingRecord& record);
    struct Known {
        std::int64_t receipt = 0;
        Bytes previous;
        Bytes hash;
    };
    // Enters what the record says of a purse; why it cannot be believed, empty if it can.
    std::string enterPurse(const IncomingRecord& record);
    // Enters whether the code holds that the settled record took on trust, if it did.
    void enterDeferral(const IncomingRecord& record, std::int64_t receipt);
    std::optional<Known> find(const IncomingRecord& like, std::uint64_t sequence);

    std::mutex mutex_;
    SQLite::Database database_;
    PurseBook purses_;
    TokenBook& tokens_;
};

} // namespace ykt::sim
