#include "offline_store/salvage.h"

#include "offline_store/intents.h"
#include "offline_store/journal.h"
#include "offline_store/salvaged.h"

#include <set>
#include <sqlite3.h>

namespace ykt::offline_store {

namespace {

// How far behind the last row that could be read others are looked for.
constexpr std::uint64_t searchedBeyond = 4096;
// Rows that are looked for one by one: some seconds.
constexpr std::uint64_t mostProbes = 200'000;

int codeOf(const SQLite::Exception& exception) {
    return exception.getErrorCode() & 0xff;
}

// nullopt: what would be read is damaged.
template <typename Read>
auto tried(Read&& read) -> std::optional<std::invoke_result_t<Read>> {
    try {
        return read();
    } catch (const SQLite::Exception&) {
        return std::nullopt;
    }
}

class Salvager {
  public:
    Salvager(Connection& damaged, Connection& into, const std::string& terminal, std::uint32_t epoch,
             const KeyRing& keys)
        : damaged_(damaged), into_(into), terminal_(terminal), epoch_(epoch),
          oldEpoch_(number("SELECT value FROM setting WHERE name = 'epoch'", epoch - 1)), keys_(keys),
          journal_(damaged, terminal, oldEpoch_, keys), salvaged_(into, terminal, keys) {}

    Result<SalvageCounts> run() {
        if (const auto taken = takeRecords(); !taken)
            return failWith(taken);
        for (const auto* table : {"claim", "quota", "tally", "salvaged"})
            if (const auto taken = takeTable(table); !taken)
                return failWith(taken);
        if (const auto taken = takeIntents(); !taken)
            return failWith(taken);
        return counts_;
    }

  private:
    // Visits rows until one cannot be read, or is refused (false).
    template <typename Visit> // Result<bool>(SQLite::Statement&)
    Result<void> eachRow(const std::string& sql, Visit&& visit) {
        auto row = tried([&] { return SQLite::Statement(damaged_, sql); });
        while (row && tried([&] { return row->executeStep(); }).value_or(false)) {
            const auto visited = visit(*row);
            if (!visited)
                return failWith(visited);
            if (!*visited)
                break;
        }
        return {};
    }
    // Of a damaged database's own word; a wrong one proves no record.
    std::uint32_t number(const std::string& sql, std::uint32_t otherwise) {
        return tried([&] { return damaged_.execAndGet(sql).getUInt(); }).value_or(otherwise);
    }

    // From both ends up to what cannot be read, then what lies between, one by one.
    Result<void> takeRecords() {
        const auto select = std::string("SELECT ") + Journal::columns + " FROM journal ";
        if (const auto low = takeEach(select + "ORDER BY sequence"); !low)
            return low;
        const auto low = done_.empty() ? 0 : *done_.rbegin();
        if (const auto high = takeEach(select + "ORDER BY sequence DESC"); !high)
            return high;
        const auto first = low + 1;
        const auto above = done_.upper_bound(low);
        const auto end = above == done_.end() ? first + searchedBeyond : *above;
        for (auto sequence = first; sequence < std::min(end, first + mostProbes); ++sequence)
            if (const auto one = takeEach(select + "WHERE sequence = " + std::to_string(sequence)); !one)
                return one;
        countUnreadable();
        return {};
    }

    // Up to the first that was taken before.
    Result<void> takeEach(const std::string& select) {
        return eachRow(select, [&](SQLite::Statement& row) -> Result<bool> {
            const auto sequence = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
            if (done_.contains(sequence))
                return false;
            const auto record =
                isSettled(sequence) ? fail(Reason::record_not_found) : journal_.recordFrom(row);
            if (!record && record.error() == Reason::record_not_found)
                done_.insert(sequence);
            if (!record) // what does not prove itself is no record
                return true;
            if (const auto taken = salvaged_.take(*record); !taken)
                return failWith(taken);
            done_.insert(sequence);
            ++counts_.records;
            return true;
        });
    }

    // Delivered or dead. A record whose state cannot be read goes upstream, where its id is known if it was
    // there before.
    bool isSettled(std::uint64_t sequence) {
        return number("SELECT count(*) FROM delivery WHERE state <> 0 AND sequence = " +
                          std::to_string(sequence),
                      0) != 0;
    }

    void countUnreadable() {
        const auto last = done_.empty() ? 0 : *done_.rbegin();
        const std::uint64_t known = number("SELECT coalesce(max(sequence), 0) FROM delivery", 0);
        for (std::uint64_t sequence = 1; sequence <= std::max(last, std::min(known, last + searchedBeyond));
             ++sequence)
            if (!done_.contains(sequence) && !isSettled(sequence))
                ++counts_.unreadable;
    }

    // Rows as they are, from both ends of the table's key.
    Result<void> takeTable(const std::string& table) {
        for (const auto* order : {" ORDER BY 1, 2", " ORDER BY 1 DESC, 2 DESC"}) {
            const auto taken = eachRow("SELECT * FROM " + table + order, [&](SQLite::Statement& row) {
                takeRow(table, row);
                return Result<bool>(true);
            });
            if (!taken)
                return taken;
        }
        return {};
    }

    void takeRow(const std::string& table, SQLite::Statement& row) {
        std::string places = "?";
        for (int column = 1; column < row.getColumnCount(); ++column)
            places += ", ?";
        SQLite::Statement insert(into_, "INSERT OR IGNORE INTO " + table + " VALUES (" + places + ")");
        for (int column = 0; column < row.getColumnCount(); ++column) {
            const auto value = row.getColumn(column);
            if (value.isInteger())
                insert.bind(column + 1, value.getInt64());
            else if (value.isText())
                insert.bind(column + 1, value.getString());
            else if (value.isBlob())
                bindBlob(insert, column + 1, blobOf(value));
        }
        try {
            insert.exec();
        } catch (const SQLite::Exception& exception) {
            if (codeOf(exception) != SQLITE_CONSTRAINT) // that is the row's damage
                throw;
        }
    }

    // Their claims are in the table of claims; a purchase that was not made leaves them to their end.
    Result<void> takeIntents() {
        Intents into(into_, terminal_, epoch_, keys_);
        const auto open = tried([&] { return Intents(damaged_, terminal_, oldEpoch_, keys_).all(); });
        for (const auto& intent : open.value_or(std::vector<Intent>{})) {
            if (intent.payload.empty()) // it does not open
                continue;
            if (const auto taken = into.adopt(intent); !taken)
                return taken;
            ++counts_.intents;
        }
        return {};
    }

    Connection& damaged_;
    Connection& into_;
    const std::string& terminal_;
    std::uint32_t epoch_;
    std::uint32_t oldEpoch_;
    const KeyRing& keys_;
    Journal journal_;
    Salvaged salvaged_;
    SalvageCounts counts_;
    std::set<std::uint64_t> done_; // taken over or settled
};

} // namespace

Result<SalvageCounts> salvage(const std::filesystem::path& damaged, Connection& into,
                              const std::string& terminal, std::uint32_t epoch, const KeyRing& keys) {
    try {
        Connection connection(damaged, SQLite::OPEN_READONLY);
        // Else SQLite would not look into a file that is shorter than its first page says.
        connection.exec("PRAGMA writable_schema = ON");
        connection.execAndGet("PRAGMA schema_version");
        return Salvager(connection, into, terminal, epoch, keys).run();
    } catch (const SQLite::Exception& exception) {
        if (codeOf(exception) == SQLITE_CORRUPT ||
            codeOf(exception) == SQLITE_NOTADB) // not even its first page
            return SalvageCounts{};
        throw;
    }
}

} // namespace ykt::offline_store
