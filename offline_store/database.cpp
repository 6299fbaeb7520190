#include "offline_store/database.h"

#include "offline_store/migrations.h"

#include <sqlite3.h>
#include <system_error>
#include <unistd.h>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

// One writer; the only others are tools that read.
constexpr int busyTimeoutMs = 5'000;

// Small pages halve the bytes written for each record against the default of 4096 (docs/store.md has the
// measurement). synchronous=FULL is one flush a COMMIT in WAL mode and loses none on a power cut; NORMAL
// loses the last ones. A checkpoint of 250 pages stalls whoever writes for 1 to 2 ms; of the default's 1000
// it is twice that for 2 % fewer bytes.
const auto setUp = "PRAGMA page_size = " + std::to_string(pageSize) + R"sql(;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 250;
    PRAGMA foreign_keys = ON;
    PRAGMA trusted_schema = OFF;
)sql";

// `check`: a PRAGMA that says "ok" of what is sound. It takes a read that failed for damage, so it is asked
// again.
Result<void> ask(Connection& connection, const std::string& check) {
    for (int time = 0; time < 2; ++time)
        if (connection.execAndGet("PRAGMA " + check).getString() == "ok")
            return {};
    return fail(Reason::store_corrupt, check);
}

} // namespace

Prepared Connection::prepared(std::string_view sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end())
        found = statements_.try_emplace(std::string(sql), *this, std::string(sql)).first;
    return Prepared(found->second);
}

Result<Connection> openConnection(const fs::path& file) {
    return guardedReading("opening the database", [&]() -> Result<Connection> {
        Connection connection(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, busyTimeoutMs);
        std::error_code ignored; // a file system without modes is no reason to stop
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write, ignored);
        connection.exec(setUp);
        if (sqlite3_db_readonly(connection.getHandle(), "main") == 1 && ::access(file.c_str(), W_OK) == 0)
            return fail(Reason::store_corrupt, "its header asks not to be written to");
        return connection;
    });
}

Result<void> checkIntegrity(Connection& connection, int version) {
    return guardedReading("checking the database", [&]() -> Result<void> {
        if (version == 0 && connection.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() > 0)
            return fail(Reason::store_corrupt, "tables without a version");
        return ask(connection, "quick_check(1)");
    });
}

Result<void> checkIndexes(Connection& connection) {
    return guardedReading("checking the indexes", [&]() -> Result<void> {
        return ask(connection, "integrity_check('salvaged')").and_then([&] {
            return ask(connection, "integrity_check('delivery')");
        });
    });
}

std::set<std::string> schemaOf(Connection& connection, bool withPlaces) {
    std::set<std::string> texts;
    SQLite::Statement rows(connection,
                           "SELECT name || ' ' || iif(?, rootpage, '') || ' ' || coalesce(sql, '') "
                           "FROM sqlite_schema WHERE type IN ('table', 'index')");
    rows.bind(1, withPlaces ? 1 : 0);
    while (rows.executeStep())
        texts.insert(rows.getColumn(0).getString());
    return texts;
}

Result<void> checkSchema(Connection& connection) {
    return guardedReading("checking the schema", [&]() -> Result<void> {
        Connection expected(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        migrate(expected, 0);
        if (schemaOf(connection, false) != schemaOf(expected, false))
            return fail(Reason::store_corrupt, "a table is not as it was made");
        return {};
    });
}

Result<int> schemaVersion(Connection& connection) {
    return guardedReading("reading the schema version", [&]() -> Result<int> {
        return connection.execAndGet("PRAGMA user_version").getInt();
    });
}

void migrate(Connection& connection, int fromVersion) {
    const auto steps = migrations();
    for (auto step = static_cast<std::size_t>(fromVersion); step < steps.size(); ++step)
        connection.exec(std::string(steps[step]));
    connection.exec("PRAGMA user_version = " + std::to_string(steps.size()));
}

int pagesWritten(Connection& connection) {
    int pages = 0;
    int unused = 0;
    sqlite3_db_status(connection.getHandle(), SQLITE_DBSTATUS_CACHE_WRITE, &pages, &unused, 0);
    return pages;
}

// The log goes on behind the last COMMIT that was made, so that any transaction stands where the failed one
// does; its frames are chained by checksums, so that what is left behind it counts for nothing.
void overwriteFailedCommit(Connection& connection) {
    try {
        const int version = connection.execAndGet("PRAGMA user_version").getInt();
        connection.exec("PRAGMA user_version = " + std::to_string(version));
    } catch (const SQLite::Exception&) { // nothing is lost: the caller has its error already
    }
}

void bindInstant(SQLite::Statement& statement, int index, const Instant& instant) {
    statement.bind(index, unixMilliseconds(instant.wall));
    statement.bind(index + 1, std::int64_t{instant.monotonic.time_since_epoch().count()});
    bindBlob(statement, index + 2, instant.boot);
    statement.bind(index + 3, static_cast<int>(instant.trust));
}

std::optional<Instant> instantOf(SQLite::Statement& row, int column) {
    Instant instant;
    instant.wall = wallFromUnixMilliseconds(row.getColumn(column).getInt64());
    instant.monotonic = MonotonicTime{std::chrono::nanoseconds{row.getColumn(column + 1).getInt64()}};
    instant.trust = static_cast<TimeTrust>(row.getColumn(column + 3).getInt()); // the tables check the range
    if (!copyExactly(instant.boot, blobOf(row.getColumn(column + 2))))
        return std::nullopt;
    return instant;
}

bool isLogicError(const SQLite::Exception& exception) {
    return exception.getErrorCode() == SQLITE_ERROR;
}

Error foldException(const SQLite::Exception& exception, std::string_view doing) {
    const int code = exception.getErrorCode() & 0xff;
    const auto reason = code == SQLITE_FULL                               ? Reason::store_full
                        : code == SQLITE_CORRUPT || code == SQLITE_NOTADB ? Reason::store_corrupt
                                                                          : Reason::store_failed;
    return {reason, std::string(doing) + ": " + sqlite3_errstr(exception.getExtendedErrorCode())};
}

} // namespace ykt::offline_store
