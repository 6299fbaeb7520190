#include "offline_store/salvaged.h"

#include "offline_store/delivery.h"
#include "offline_store/journal.h"
#include "offline_store/packing.h"

namespace ykt::offline_store {

namespace {

void bindKey(SQLite::Statement& statement, int index, std::uint32_t epoch, std::uint64_t sequence) {
    statement.bind(index, std::int64_t{epoch});
    statement.bind(index + 1, static_cast<std::int64_t>(sequence));
}

} // namespace

// The states stand in the texts: by them SQLite knows which index serves.
std::uint64_t Salvaged::waiting() {
    return count("SELECT count(*) FROM salvaged WHERE state = 0");
}

std::uint64_t Salvaged::dead() {
    return count("SELECT count(*) FROM salvaged WHERE state = 2");
}

std::uint64_t Salvaged::count(std::string_view sql) {
    auto row = connection_.prepared(sql);
    row->executeStep();
    return static_cast<std::uint64_t>(row->getColumn(0).getInt64());
}

Result<void> Salvaged::take(const Record& record, bool again) {
    static const auto sql = std::string("INSERT OR IGNORE INTO salvaged (") + Journal::columns +
                            ", epoch, again, twin) "
                            "VALUES (?1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?1 * 4)";
    auto insert = connection_.prepared(sql);
    if (const auto bound = Journal::bindRow(*insert, record, pack(record.payload), keys_); !bound)
        return failWith(bound);
    insert->bind(Journal::columnCount + 1, std::int64_t{record.id.epoch});
    insert->bind(Journal::columnCount + 2, again ? 1 : 0);
    insert->exec();
    return {};
}

Result<std::vector<Record>> Salvaged::lease(std::size_t most, std::size_t mostBytes, const Instant& now,
                                            Milliseconds duration, std::vector<Key>& unreadable) {
    std::vector<Record> batch;
    static const auto sql = std::string("SELECT ") + Journal::columns +
                            ", epoch FROM salvaged WHERE state = 0 ORDER BY again, class, epoch, sequence";
    SQLite::Statement row(connection_, sql);
    std::size_t bytes = 0;
    while (batch.size() < most && row.executeStep()) {
        const auto epoch = row.getColumn(Journal::columnCount).getUInt();
        const Key key{epoch, static_cast<std::uint64_t>(row.getColumn(0).getInt64())};
        if (isLeased(key, now) || (!batch.empty() && batch.front().id.epoch != epoch))
            continue;
        auto record = Journal(connection_, terminal_, epoch, keys_).recordFrom(row);
        if (!record && !isUnreadable(record.error()))
            return failWith(record);
        if (!record) { // it was whole when it was taken over, and holds up no other
            unreadable.push_back(key);
            continue;
        }
        bytes += record->payload.size();
        if (!batch.empty() && bytes > mostBytes)
            break;
        batch.push_back(std::move(*record));
    }
    for (const auto& record : batch)
        extend(record.id.epoch, record.id.sequence, now, duration);
    return batch;
}

void Salvaged::extend(std::uint32_t epoch, std::uint64_t sequence, const Instant& now,
                      Milliseconds duration) {
    leases_.insert_or_assign(Key{epoch, sequence}, Lease{now.monotonic + duration, now.boot});
}

bool Salvaged::isLeased(const Key& key, const Instant& now) const {
    const auto lease = leases_.find(key);
    return lease != leases_.end() && lease->second.boot == now.boot && now.monotonic < lease->second.until;
}

Result<void> Salvaged::settle(std::uint32_t epoch, std::uint64_t sequence, DeliveryState state,
                              const std::string& note, bool attempted) {
    SQLite::Statement update(connection_,
                             "UPDATE salvaged SET state = ?1, twin = sequence * 4 + ?1, note = ?, "
                             "attempts = attempts + ? WHERE epoch = ? AND sequence = ? AND state = 0");
    update.bind(1, stored(state));
    update.bind(2, note);
    update.bind(3, attempted ? 1 : 0);
    bindKey(update, 4, epoch, sequence);
    if (update.exec() == 1)
        return {};
    SQLite::Statement known(connection_, "SELECT 1 FROM salvaged WHERE epoch = ? AND sequence = ?");
    bindKey(known, 1, epoch, sequence);
    if (!known.executeStep())
        return fail(Reason::record_not_found, RecordId{terminal_, epoch, sequence}.text());
    return {};
}

void Salvaged::countAttempt(std::uint32_t epoch, std::uint64_t sequence) {
    SQLite::Statement update(connection_,
                             "UPDATE salvaged SET attempts = attempts + 1 WHERE epoch = ? AND sequence = ?");
    bindKey(update, 1, epoch, sequence);
    update.exec();
}

std::vector<RecordSummary> Salvaged::deadLetters(std::size_t most) {
    SQLite::Statement rows(connection_, "SELECT sequence, class, kind, wall_ms, state, attempts, note, epoch "
                                        "FROM salvaged WHERE state = 2 ORDER BY epoch DESC, sequence DESC "
                                        "LIMIT ?");
    rows.bind(1, static_cast<std::int64_t>(most));
    std::vector<RecordSummary> letters;
    while (rows.executeStep())
        letters.push_back(summaryFrom(rows, {terminal_, rows.getColumn(7).getUInt(), 0}));
    return letters;
}

Result<Record> Salvaged::read(std::uint32_t epoch, std::uint64_t sequence) {
    SQLite::Statement row(connection_, std::string("SELECT ") + Journal::columns +
                                           " FROM salvaged WHERE epoch = ? AND sequence = ?");
    bindKey(row, 1, epoch, sequence);
    if (!row.executeStep())
        return fail(Reason::record_not_found, RecordId{terminal_, epoch, sequence}.text());
    return Journal(connection_, terminal_, epoch, keys_).recordFrom(row);
}

Result<void> Salvaged::requeue(std::uint32_t epoch, std::uint64_t sequence) {
    SQLite::Statement update(connection_, "UPDATE salvaged SET state = 0, twin = sequence * 4 "
                                          "WHERE epoch = ? AND sequence = ? AND state = 2");
    bindKey(update, 1, epoch, sequence);
    if (update.exec() == 0)
        return fail(Reason::record_not_found,
                    RecordId{terminal_, epoch, sequence}.text() + " is no dead letter");
    return {};
}

} // namespace ykt::offline_store
