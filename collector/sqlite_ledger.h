// The ledger in one SQLite file: what a back office of one machine needs, and nothing to install.
#pragma once

#include "collector/ledger.h"
#include "hal/clock.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <filesystem>
#include <mutex>

namespace ykt::collector {

class SqliteLedger : public Ledger {
  public:
    // Makes the file if it is not there. The clock, which outlives the ledger, tells when records came.
    // Errors: store_failed.
    static Result<std::unique_ptr<SqliteLedger>> open(const std::filesystem::path& file,
                                                      const hal::Clock& clock);

    using Ledger::settle;
    Result<std::vector<Verdict>> settle(const IncomingBatch& batch, const Acceptance& accept) override;
    Result<std::vector<ChainState>> chains() override;
    Result<void> read(const std::string& terminal,
                      const std::function<void(const SettledRecord&)>& reader) override;
    Result<void> keepUnsettled(const std::string& subject, const std::string& payload,
                               const std::string& why) override;
    Result<std::optional<UnsettledMessage>> unsettledAfter(std::int64_t number) override;
    Result<void> removeUnsettled(std::int64_t number) override;
    Result<void> noteStatus(const std::string& terminal, const std::string& status) override;
    Result<std::vector<TerminalStatus>> statuses() override;

    // For an operator's own tables, which an Acceptance may write: they are settled or lost with the record.
    // To be used under lock(), or within an Acceptance.
    SQLite::Database& database() { return database_; }
    [[nodiscard]] std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

  private:
    SqliteLedger(const std::filesystem::path& file, const hal::Clock& clock);

    const hal::Clock& clock_;
    std::mutex mutex_;
    SQLite::Database database_;
};

} // namespace ykt::collector
