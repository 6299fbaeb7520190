// The ledger in a PostgreSQL database (15 or later), for a back office of several collectors.
#pragma once

#include "collector/ledger.h"
#include "collector/postgresql_connection.h"
#include "hal/clock.h"

#include <mutex>

namespace ykt::collector {

class PostgresqlLedger : public Ledger {
  public:
    // Makes its tables where they are not there. `parameters` as PostgresqlConnection has them; the clock,
    // which outlives the ledger, tells when records came. Errors: store_failed.
    static Result<std::unique_ptr<PostgresqlLedger>> open(const std::string& parameters,
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

  private:
    PostgresqlLedger(std::string parameters, const hal::Clock& clock)
        : parameters_(std::move(parameters)), clock_(clock) {}
    // What `work` gives with a connection that nobody else has; one on which it failed is not used again,
    // which also ends its transaction.
    template <typename Work>
    auto withConnection(Work&& work) -> decltype(work(std::declval<PostgresqlConnection&>()));
    // One statement that gives nothing.
    Result<void> change(const char* statement, const std::vector<std::string>& values);
    [[nodiscard]] std::string now() const { return std::to_string(unixMilliseconds(clock_.now().wall)); }

    std::string parameters_;
    const hal::Clock& clock_;
    std::mutex mutex_;
    std::vector<PostgresqlConnection> idle_;
};

} // namespace ykt::collector
