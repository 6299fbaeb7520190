#include "offline_store/delivery.h"

#include <algorithm>

namespace ykt::offline_store {

namespace {

// As the table's comment numbers them; a lease is not a state of the table.
int stored(DeliveryState state) {
    return state == DeliveryState::acknowledged ? 1 : state == DeliveryState::dead ? 2 : 0;
}

std::size_t index(RecordClass recordClass) {
    return static_cast<std::size_t>(recordClass);
}

} // namespace

void Delivery::recount() {
    undelivered_ = {};
    SQLite::Statement rows(connection_,
                           "SELECT class, count(*) FROM delivery WHERE state = 0 GROUP BY class");
    while (rows.executeStep())
        undelivered_.at(rows.getColumn(0).getUInt()) =
            static_cast<std::uint64_t>(rows.getColumn(1).getInt64());
    SQLite::Statement open(connection_, "SELECT count(*) FROM intent WHERE sealed IS NOT NULL");
    open.executeStep();
    openIntents_ = static_cast<std::uint64_t>(open.getColumn(0).getInt64());
}

Result<void> Delivery::makeRoom(Journal& journal, RecordClass recordClass) {
    if (recordClass == RecordClass::money) {
        if (undelivered_[index(recordClass)] + openIntents_ >= limits_.undeliveredMoney)
            return fail(Reason::store_full, "undelivered money records");
        return {};
    }
    if (undeliveredOther() < limits_.undeliveredOther)
        return {};
    SQLite::Statement victim(connection_,
                             "SELECT sequence, class FROM delivery WHERE state = 0 AND class >= ? "
                             "ORDER BY class DESC, sequence");
    victim.bind(1, static_cast<int>(recordClass));
    while (victim.executeStep()) {
        const auto sequence = static_cast<std::uint64_t>(victim.getColumn(0).getInt64());
        if (leases_.contains(sequence)) // on its way upstream
            continue;
        journal.dropPayload(sequence);
        dropped_ = static_cast<RecordClass>(victim.getColumn(1).getInt());
        return settle(sequence, DeliveryState::dead, "dropped for want of room", false);
    }
    return fail(Reason::store_full, "undelivered records above this class");
}

void Delivery::add(const RecordId& id, RecordClass recordClass) {
    SQLite::Statement insert(connection_, "INSERT INTO delivery (sequence, class) VALUES (?, ?)");
    insert.bind(1, static_cast<std::int64_t>(id.sequence));
    insert.bind(2, static_cast<int>(recordClass));
    insert.exec();
}

void Delivery::afterAppend(RecordClass recordClass, bool committed) {
    if (committed) {
        ++undelivered_[index(recordClass)];
        if (dropped_)
            --undelivered_[index(*dropped_)];
    }
    dropped_.reset();
}

void Delivery::lease(std::uint64_t sequence, const Instant& now, Milliseconds duration) {
    leases_.insert_or_assign(sequence, Lease{now.monotonic + duration, now.boot});
}

bool Delivery::isLeased(std::uint64_t sequence, const Instant& now) const {
    const auto lease = leases_.find(sequence);
    return lease != leases_.end() && lease->second.boot == now.boot && now.monotonic < lease->second.until;
}

Result<void> Delivery::settle(std::uint64_t sequence, DeliveryState state, const std::string& note,
                              bool attempted) {
    SQLite::Statement update(connection_, "UPDATE delivery SET state = ?, note = ?, attempts = attempts + ? "
                                          "WHERE sequence = ? AND state = 0");
    update.bind(1, stored(state));
    update.bind(2, note);
    update.bind(3, attempted ? 1 : 0);
    update.bind(4, static_cast<std::int64_t>(sequence));
    if (update.exec() == 1)
        return {};
    SQLite::Statement known(connection_, "SELECT 1 FROM delivery WHERE sequence = ?");
    known.bind(1, static_cast<std::int64_t>(sequence));
    if (!known.executeStep())
        return fail(Reason::record_not_found, "sequence " + std::to_string(sequence));
    return {};
}

void Delivery::countAttempt(std::uint64_t sequence) {
    SQLite::Statement update(connection_, "UPDATE delivery SET attempts = attempts + 1 WHERE sequence = ?");
    update.bind(1, static_cast<std::int64_t>(sequence));
    update.exec();
}

Store::Counts Delivery::counts(std::uint64_t lastSequence, const Instant& now) {
    Store::Counts counts;
    const auto undelivered = undelivered_[index(RecordClass::money)] + undeliveredOther();
    counts.leased = static_cast<std::uint64_t>(std::count_if(
        leases_.begin(), leases_.end(), [&](const auto& lease) { return isLeased(lease.first, now); }));
    counts.pending = undelivered - counts.leased;
    SQLite::Statement dead(connection_, "SELECT count(*) FROM delivery WHERE state = 2");
    dead.executeStep();
    counts.dead = static_cast<std::uint64_t>(dead.getColumn(0).getInt64());
    counts.acknowledged = lastSequence - undelivered - counts.dead; // each sequence has one row, without gaps
    return counts;
}

std::vector<RecordSummary> Delivery::list(const RecordId& from, std::size_t most, const Instant& now) {
    SQLite::Statement rows(
        connection_,
        "SELECT sequence, journal.class, kind, wall_ms, state, attempts, note "
        "FROM journal JOIN delivery USING (sequence) WHERE sequence >= ? ORDER BY sequence LIMIT ?");
    rows.bind(1, static_cast<std::int64_t>(from.sequence));
    rows.bind(2, static_cast<std::int64_t>(most));
    std::vector<RecordSummary> summaries;
    while (rows.executeStep()) {
        RecordSummary summary;
        summary.id = from;
        summary.id.sequence = static_cast<std::uint64_t>(rows.getColumn(0).getInt64());
        summary.recordClass = static_cast<RecordClass>(rows.getColumn(1).getInt());
        summary.kind = rows.getColumn(2).getString();
        summary.written = wallFromUnixMilliseconds(rows.getColumn(3).getInt64());
        const int state = rows.getColumn(4).getInt();
        summary.state = state == 1                           ? DeliveryState::acknowledged
                        : state == 2                         ? DeliveryState::dead
                        : isLeased(summary.id.sequence, now) ? DeliveryState::leased
                                                             : DeliveryState::pending;
        summary.attempts = rows.getColumn(5).getInt();
        summary.note = rows.getColumn(6).getString();
        summaries.push_back(std::move(summary));
    }
    return summaries;
}

} // namespace ykt::offline_store
