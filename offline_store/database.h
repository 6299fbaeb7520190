// The SQLite connection: opening, migrating, transactions, and SQLite's errors folded into reasons.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>

namespace ykt::offline_store {

// A statement that is ready to be bound, and reset when it goes: one that was left in the middle of its rows
// would hold a read transaction open, and with it the write-ahead log.
class Prepared {
  public:
    explicit Prepared(SQLite::Statement& statement) : statement_(statement) {}
    ~Prepared() { statement_.tryReset(); }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;
    SQLite::Statement* operator->() { return &statement_; }
    SQLite::Statement& operator*() { return statement_; }

  private:
    SQLite::Statement& statement_;
};

class Connection : public SQLite::Database {
  public:
    using SQLite::Database::Database;
    // Compiled when it is first asked for and kept: for what every record needs. Not the same one twice at a
    // time. Throws SQLite::Exception.
    Prepared prepared(std::string_view sql);

    // SQLite has found the file damaged. Any thread may ask.
    [[nodiscard]] bool isDamaged() const { return *damaged_; }
    void noteDamage() const { *damaged_ = true; }

    // What the last transaction that had something to write ended with; nullopt: it was committed. transact()
    // notes it.
    [[nodiscard]] std::optional<Reason> writeError() const { return writeError_; }
    void noteWrite(std::optional<Reason> error) { writeError_ = error; }

  private:
    std::shared_ptr<std::atomic<bool>> damaged_ = std::make_shared<std::atomic<bool>>(false);
    std::optional<Reason> writeError_;
    std::map<std::string, SQLite::Statement, std::less<>> statements_;
};

inline constexpr std::size_t pageSize = 1024; // bytes, of a database that openConnection makes

// Opens or creates the file and sets the connection up. Errors: store_failed, store_corrupt.
Result<Connection> openConnection(const std::filesystem::path& file);
// Of a database of this schema version. Errors: store_corrupt, store_failed.
Result<void> checkIntegrity(Connection& connection, int version);
// Whether the indexes find what waits in the table `salvaged` and what is dead, which checkIntegrity does not
// look into. Of a database of the newest version. Errors: store_corrupt, store_failed.
Result<void> checkIndexes(Connection& connection);
// Its tables and indexes, each with its text, and the page in which it begins. Throws SQLite::Exception.
std::set<std::string> schemaOf(Connection& connection, bool withPlaces);
// Whether its tables and indexes are those of the newest version: a byte that changed in their text passes
// SQLite's own check, and shows only when a column is not found. Errors: store_corrupt, store_failed.
Result<void> checkSchema(Connection& connection);
// user_version; 0 is a database without tables. Errors: store_failed, store_corrupt.
Result<int> schemaVersion(Connection& connection);
// Brings the schema up to date; call it inside a transaction. Throws SQLite::Exception.
void migrate(Connection& connection, int fromVersion);

// SQLITE_FULL is store_full, CORRUPT and NOTADB are store_corrupt, all others store_failed.
bool isLogicError(const SQLite::Exception& exception); // SQLITE_ERROR
Error foldException(const SQLite::Exception& exception, std::string_view doing);

// Runs `work`, folding what SQLite throws.
template <typename Work>
auto guarded(std::string_view doing, Work&& work) -> std::invoke_result_t<Work> {
    try {
        return work();
    } catch (const SQLite::Exception& exception) {
        return tl::unexpected<Error>(foldException(exception, doing));
    }
}

// As guarded(), and damage is noted with the connection.
template <typename Work>
auto guarded(const Connection& connection, std::string_view doing, Work&& work)
    -> std::invoke_result_t<Work> {
    try {
        return work();
    } catch (const SQLite::Exception& exception) {
        auto error = foldException(exception, doing);
        if (error == Reason::store_corrupt)
            connection.noteDamage();
        return tl::unexpected<Error>(std::move(error));
    }
}

// As guarded(), for what is read of a file before it is known to be sound. These statements are right: what
// SQLite calls an error of theirs is a file that it cannot make out (store_corrupt).
template <typename Work>
auto guardedReading(std::string_view doing, Work&& work) -> std::invoke_result_t<Work> {
    try {
        return work();
    } catch (const SQLite::Exception& exception) {
        auto error = foldException(exception, doing);
        if (isLogicError(exception))
            error.reason = Reason::store_corrupt;
        return tl::unexpected<Error>(std::move(error));
    }
}

// After a COMMIT that failed: the write-ahead log may hold it whole, and the next program that opens it would
// take it for made. Writes over it, as far as the disk lets it.
void overwriteFailedCommit(Connection& connection);

// Pages that SQLite has written since the connection was opened.
int pagesWritten(Connection& connection);

// Runs `work` in one transaction: committed when it returns a value, rolled back when it returns an error or
// throws.
template <typename Work>
auto transact(Connection& connection, std::string_view doing, Work&& work) -> std::invoke_result_t<Work> {
    enum { refused, failed, committing } end = failed;
    const auto before = pagesWritten(connection);
    auto result = guarded(connection, doing, [&]() -> std::invoke_result_t<Work> {
        SQLite::Transaction transaction(connection, SQLite::TransactionBehavior::IMMEDIATE);
        auto done = work();
        end = done.has_value() ? committing : refused;
        if (end == committing)
            transaction.commit();
        return done;
    });
    if (end != refused && !result)
        connection.noteWrite(result.error().reason);
    else if (pagesWritten(connection) != before) // a COMMIT of nothing says nothing about the disk
        connection.noteWrite(std::nullopt);
    if (end == committing && !result)
        overwriteFailedCommit(connection);
    return result;
}

inline void bindBlob(SQLite::Statement& statement, int index, ByteView bytes) {
    statement.bind(index, bytes.data(), static_cast<int>(bytes.size()));
}
inline ByteView blobOf(const SQLite::Column& column) {
    const auto* data = static_cast<const std::uint8_t*>(column.getBlob());
    return {data, data ? static_cast<std::size_t>(column.getBytes()) : 0};
}
template <std::size_t N>
bool copyExactly(ByteArray<N>& to, ByteView from) {
    if (from.size() != N)
        return false;
    std::copy(from.begin(), from.end(), to.begin());
    return true;
}

// A row of the table `setting`, whatever stood there; `bindValue` binds parameter 2. Call it inside a
// transaction.
template <typename Bind>
void setSetting(Connection& connection, const char* name, Bind&& bindValue) {
    SQLite::Statement insert(connection, "INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)");
    insert.bind(1, name);
    bindValue(insert);
    insert.exec();
}

// An instant is four columns that follow each other: wall_ms, monotonic_ns, boot, trust. Parameters are
// counted from 1, columns from 0.
void bindInstant(SQLite::Statement& statement, int index, const Instant& instant);
// nullopt: the boot id is of another length.
std::optional<Instant> instantOf(SQLite::Statement& row, int column);

} // namespace ykt::offline_store
