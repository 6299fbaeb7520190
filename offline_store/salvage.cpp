#include "offline_store/salvage.h"

#include "offline_store/intents.h"
#include "offline_store/journal.h"
#include "offline_store/salvaged.h"
#include "offline_store/settled_mark.h"

#include <algorithm>
#include <set>
#include <sqlite3.h>

namespace ykt::offline_store {

namespace {

// How far behind the last row that could be read others are looked for.
constexpr std::uint64_t searchedBeyond = 4096;
// Rows that are looked for one by one: some seconds.
constexpr std::uint64_t mostProbes = 200'000;
// Earlier epochs that are tried where the database does not tell its own.
constexpr std::uint32_t mostEpochs = 1000;

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
        : damaged_(damaged), into_(into), terminal_(terminal), epoch_(epoch), keys_(keys),
          salvaged_(into, terminal, keys) {}

    Result<SalvageCounts> run() {
        counts_.epoch = provenEpoch();
        const auto mark = tried([&] { return readSettledMark(damaged_, terminal_, counts_.epoch, keys_); });
        mark_ = mark ? mark->value_or(0) : 0;
        if (const auto taken = takeRecords(); !taken)
            return failWith(taken);
        if (const auto taken = takeDeadLetters(); !taken)
            return failWith(taken);
        if (const auto taken = takeSalvaged(); !taken)
            return failWith(taken);
        for (const auto* table : {"claim", "quota", "tally"})
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
    std::uint64_t number(const std::string& sql, std::uint64_t otherwise) {
        return tried([&] { return static_cast<std::uint64_t>(damaged_.execAndGet(sql).getInt64()); })
            .value_or(otherwise);
    }

    // What it says itself, if that opens a record; else one that does; else the one before.
    std::uint32_t provenEpoch() {
        std::vector<std::uint32_t> possible{
            static_cast<std::uint32_t>(number("SELECT value FROM setting WHERE name = 'epoch'", 0))};
        for (auto epoch = epoch_ - 1; epoch > 0 && epoch + mostEpochs > epoch_; --epoch)
            possible.push_back(epoch);
        auto proven = epoch_ - 1;
        const auto look = [&](SQLite::Statement& row) -> Result<bool> {
            const auto opens = [&](std::uint32_t epoch) {
                return Journal(damaged_, terminal_, epoch, keys_).recordFrom(row).has_value();
            };
            const auto found = std::ranges::find_if(possible, opens);
            if (found == possible.end())
                return true;
            proven = *found;
            return false;
        };
        const auto select = std::string("SELECT ") + Journal::columns + " FROM journal ORDER BY sequence ";
        for (const auto* order : {"DESC LIMIT 16", "LIMIT 16"})
            if (proven == epoch_ - 1)
                (void)eachRow(select + order, look);
        return proven;
    }

    // From both ends up to what cannot be read, then what lies between, one by one.
    Result<void> takeRecords() {
        const auto select = std::string("SELECT ") + Journal::columns + " FROM journal WHERE sequence ";
        const auto above = "> " + std::to_string(mark_) + " ORDER BY sequence";
        if (const auto low = takeEach(select + above); !low)
            return low;
        const auto low = lastAccounted();
        if (const auto high = takeEach(select + above + " DESC"); !high)
            return high;
        auto end = low + 1;
        while (end < accounted_.size() && !isAccounted(end))
            ++end;
        if (end > lastAccounted()) // there was nothing above
            end = low + 1 + searchedBeyond;
        for (auto sequence = low + 1; sequence < std::min(end, low + mostProbes); ++sequence)
            if (const auto one = takeEach(select + "= " + std::to_string(sequence)); !one)
                return one;
        countUnreadable();
        return {};
    }

    // Up to the first that was accounted for before.
    Result<void> takeEach(const std::string& select) {
        return eachRow(select, [&](SQLite::Statement& row) -> Result<bool> {
            const auto sequence = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
            if (isAccounted(sequence))
                return false;
            const auto record = Journal(damaged_, terminal_, counts_.epoch, keys_).recordFrom(row);
            if (record) {
                account(sequence);
                return takeRecord(*record, looksSettled(sequence)).map([] { return true; });
            }
            const bool isMoney = row.getColumn(1).getInt() == static_cast<int>(RecordClass::money);
            if (record.error() == Reason::record_not_found && !isMoney && looksSettled(sequence))
                account(sequence); // given up: its hash holds, and two tables say so
            else
                lastUnproven_ = std::max(lastUnproven_, sequence); // what does not prove itself is no record
            return true;
        });
    }

    Result<void> takeRecord(const Record& record, bool again) {
        ++counts_.records;
        counts_.again += again ? 1 : 0;
        return salvaged_.take(record, again);
    }

    // The mark passes over them, and they can be requeued: they go upstream to be refused once more.
    Result<void> takeDeadLetters() {
        return eachRow(std::string("SELECT ") + Journal::columns +
                           " FROM delivery JOIN journal USING (sequence) WHERE state = 2 AND sequence <= " +
                           std::to_string(mark_),
                       [&](SQLite::Statement& row) -> Result<bool> {
                           const auto record =
                               Journal(damaged_, terminal_, counts_.epoch, keys_).recordFrom(row);
                           if (!record)
                               return true;
                           return takeRecord(*record, true).map([] { return true; });
                       });
    }

    // What was salvaged before and waits still, or seems not to.
    Result<void> takeSalvaged() {
        std::set<std::pair<std::uint32_t, std::uint64_t>> seen;
        for (const auto* order : {"epoch, sequence", "epoch DESC, sequence DESC"}) {
            const auto taken = eachRow(
                std::string("SELECT ") + Journal::columns +
                    ", epoch, again OR state <> 0 FROM salvaged ORDER BY " + order,
                [&](SQLite::Statement& row) -> Result<bool> {
                    const auto epoch = row.getColumn(Journal::columnCount).getUInt();
                    if (!seen.emplace(epoch, row.getColumn(0).getInt64()).second)
                        return false;
                    const auto record = Journal(damaged_, terminal_, epoch, keys_).recordFrom(row);
                    if (!record) {
                        ++counts_.unreadable;
                        return true;
                    }
                    return takeRecord(*record, row.getColumn(Journal::columnCount + 1).getInt() != 0).map([] {
                        return true;
                    });
                });
            if (!taken)
                return taken;
        }
        return {};
    }

    // Is there a row in the table of deliveries that says so?
    bool looksSettled(std::uint64_t sequence) {
        return tried([&] {
                   auto row = damaged_.prepared("SELECT 1 FROM delivery WHERE state <> 0 AND sequence = ?");
                   row->bind(1, static_cast<std::int64_t>(sequence));
                   return row->executeStep();
               })
            .value_or(false);
    }

    void account(std::uint64_t sequence) {
        if (accounted_.size() <= sequence)
            accounted_.resize(sequence + 1);
        accounted_[sequence] = true;
    }
    [[nodiscard]] bool isAccounted(std::uint64_t sequence) const {
        return sequence <= mark_ || (sequence < accounted_.size() && accounted_[sequence]);
    }
    [[nodiscard]] std::uint64_t lastAccounted() const {
        return accounted_.empty() ? mark_ : accounted_.size() - 1;
    }

    void countUnreadable() {
        const auto last = lastAccounted();
        // Nothing proves these; too many are told rather than too few.
        const auto known = std::max(lastUnproven_, number("SELECT max(sequence) FROM delivery", 0));
        counts_.lastSequence = std::max(last, std::min(known, last + searchedBeyond));
        for (auto sequence = mark_ + 1; sequence <= counts_.lastSequence; ++sequence)
            counts_.unreadable += isAccounted(sequence) ? 0 : 1;
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
        auto prepared = tried([&] {
            return SQLite::Statement(into_, "INSERT OR IGNORE INTO " + table + " VALUES (" + places + ")");
        });
        if (!prepared) // it has other columns, being of an earlier version
            return;
        auto& insert = *prepared;
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

    // From both ends of what can be read, each for itself. The claims that one took stand in the table of
    // claims; with the intent goes which they are, so that they are freed if the purchase was not made.
    Result<void> takeIntents() {
        std::set<std::uint64_t> seen;
        for (const auto* order : {"ORDER BY number", "ORDER BY number DESC"}) {
            const auto taken =
                eachRow(std::string("SELECT number FROM intent WHERE sealed IS NOT NULL ") + order,
                        [&](SQLite::Statement& row) -> Result<bool> {
                            const auto number = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
                            if (!seen.insert(number).second)
                                return false;
                            return takeIntent(number).map([] { return true; });
                        });
            if (!taken)
                return taken;
        }
        return {};
    }

    Result<void> takeIntent(std::uint64_t number) {
        Intents from(damaged_, terminal_, counts_.epoch, keys_);
        const auto intent = tried([&] { return from.find(number); }).value_or(std::nullopt);
        if (!intent) {
            ++counts_.unreadableIntents;
            return {};
        }
        ++counts_.intents;
        const auto claims = tried([&] { return from.packedClaims(number); }).value_or(Bytes());
        return Intents(into_, terminal_, epoch_, keys_).adopt(*intent, claims);
    }

    Connection& damaged_;
    Connection& into_;
    const std::string& terminal_;
    std::uint32_t epoch_;
    const KeyRing& keys_;
    Salvaged salvaged_;
    SalvageCounts counts_;
    std::uint64_t mark_ = 0;         // up to where all is settled
    std::vector<bool> accounted_;    // by sequence: taken over, or given up
    std::uint64_t lastUnproven_ = 0; // of rows that can be read and prove nothing
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
