// The two ledgers, for tests that both must pass.
#pragma once

#include "collector/postgresql_ledger.h"
#include "collector/sqlite_ledger.h"
#include "tests/collector/played_terminal.h"
#include "tests/collector/postgresql_server.h"

#include <catch2/catch.hpp>

namespace ykt::collector {

// An empty database of one kind, which several ledgers may open.
class Place {
  public:
    explicit Place(std::string kind) : kind_(std::move(kind)) {
        if (kind_ == "PostgreSQL")
            parameters_ = test::PostgresqlServer::shared().newDatabase();
    }
    std::unique_ptr<Ledger> open() {
        if (kind_ == "PostgreSQL")
            return must(PostgresqlLedger::open(parameters_, clock));
        return must(SqliteLedger::open(folder_.path() / "ledger.db", clock));
    }
    // Behind the ledger's back.
    void change(const std::string& statement) {
        if (kind_ == "PostgreSQL")
            REQUIRE(PostgresqlConnection::open(parameters_)->runAll(statement.c_str()));
        else
            SQLite::Database(folder_.path() / "ledger.db", SQLite::OPEN_READWRITE).exec(statement);
    }

    hal::ManualClock clock{wallFromUnixMilliseconds(1'795'000'000'000)};

  private:
    template <typename Opened>
    static std::unique_ptr<Ledger> must(Result<std::unique_ptr<Opened>> opened) {
        INFO((opened ? "" : explain(opened.error())));
        REQUIRE(opened);
        return std::move(*opened);
    }

    std::string kind_;
    test::TemporaryFolder folder_;
    std::string parameters_;
};

inline Place anyPlace() {
    return Place(GENERATE(as<std::string>{}, "SQLite", "PostgreSQL"));
}

inline std::vector<std::string> notes(const Result<std::vector<Verdict>>& verdicts) {
    INFO((verdicts ? "" : explain(verdicts.error())));
    REQUIRE(verdicts);
    std::vector<std::string> notes;
    for (const auto& verdict : *verdicts)
        notes.push_back((verdict.settled ? "settled " : "rejected ") + verdict.note);
    return notes;
}

} // namespace ykt::collector
