// One connection to a PostgreSQL server, through libpq. Values go both ways as text.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <libpq-fe.h>
#include <memory>
#include <string>
#include <vector>

namespace ykt::collector {

class PostgresqlRows {
  public:
    explicit PostgresqlRows(PGresult* result) : result_(result, &::PQclear) {}

    [[nodiscard]] int count() const { return ::PQntuples(result_.get()); }
    [[nodiscard]] std::string text(int row, int column) const;
    [[nodiscard]] std::int64_t number(int row, int column) const;
    [[nodiscard]] Bytes bytes(int row, int column) const; // of a bytea

  private:
    std::unique_ptr<PGresult, decltype(&::PQclear)> result_;
};

// Not thread-safe.
class PostgresqlConnection {
  public:
    // `parameters` as libpq has them: "host=/run/postgresql dbname=ykt", or a postgresql:// URI. Connecting
    // takes no longer than 5 s and a statement no longer than 20 s, where they say nothing else. Errors:
    // store_failed.
    static Result<PostgresqlConnection> open(const std::string& parameters);

    // One statement, `values` for $1 and on. Errors: store_failed; a transaction has failed with it.
    Result<PostgresqlRows> run(const char* statement, const std::vector<std::string>& values = {});
    // Statements without values.
    Result<void> runAll(const char* statements);

  private:
    explicit PostgresqlConnection(PGconn* connection) : connection_(connection, &::PQfinish) {}
    [[nodiscard]] tl::unexpected<Error> failure() const;

    std::unique_ptr<PGconn, decltype(&::PQfinish)> connection_;
};

std::string byteaText(ByteView bytes);

// An array as PostgreSQL reads one: {"a","b"}.
class ArrayText {
  public:
    void add(std::string_view element);
    [[nodiscard]] std::string finish() const { return elements_.empty() ? "{}" : elements_ + "}"; }

  private:
    std::string elements_;
};

} // namespace ykt::collector
