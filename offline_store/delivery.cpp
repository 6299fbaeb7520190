#include "offline_store/delivery.h"

#include <algorithm>

namespace ykt::offline_store {

namespace {

// As the table's comment numbers them; a lease is not a state of the table.
constexpr int pendingState = 0;
constexpr int acknowledgedState = 1;
constexpr int deadState = 2;

// How many are given up in one COMMIT: whoever makes it waits for that.
constexpr std::size_t mostGivenUp = 256;

std::optional<std::uint64_t> orderOf(const SQLite::Column& column) {
    if (column.isNull())
        return std::nullopt;
    return static_cast<std::uint64_t>(column.getInt64());
}

Result<void> notFound(std::uint64_t sequence, const char* why) {
    return fail(Reason::record_not_found, "sequence " + std::to_string(sequence) + why);
}

} // namespace

int stored(DeliveryState state) {
    return state == DeliveryState::acknowledged ? acknowledgedState
           : state == DeliveryState::dead       ? deadState
                                                : pendingState;
}

void Delivery::load(std::uint64_t settledUpTo) {
    waiting_ = {};
    ordered_.clear();
    expiring_.clear();
    SQLite::Statement rows(connection_,
                           "SELECT journal.sequence, class, wall_ms, trust, order_key, "
                           "delivery.note <> '' FROM journal LEFT JOIN delivery USING (sequence) "
                           "WHERE journal.sequence > ? AND (state IS NULL OR state = 0)");
    rows.bind(1, static_cast<std::int64_t>(settledUpTo));
    while (rows.executeStep()) {
        const auto recordClass = static_cast<RecordClass>(rows.getColumn(1).getInt());
        Waiting waiting{orderOf(rows.getColumn(4)), never};
        if (rows.getColumn(5).getInt() == 0) // a dead letter that somebody wanted to be sent again stays
            waiting.expires = expiryOf(recordClass, wallFromUnixMilliseconds(rows.getColumn(2).getInt64()),
                                       static_cast<TimeTrust>(rows.getColumn(3).getInt()));
        put(recordClass, static_cast<std::uint64_t>(rows.getColumn(0).getInt64()), waiting);
    }
    keep();
    SQLite::Statement open(connection_, "SELECT count(*) FROM intent WHERE sealed IS NOT NULL");
    open.executeStep();
    openIntents_ = static_cast<std::uint64_t>(open.getColumn(0).getInt64());
}

void Delivery::undo(std::size_t backTo) {
    for (; changes_.size() > backTo; changes_.pop_back()) {
        const auto& change = changes_.back();
        set(change.recordClass, change.sequence, change.before);
    }
}

Result<void> Delivery::makeRoom(Journal& journal, RecordClass recordClass, const Instant& now) {
    const auto& queue = queueOf(recordClass);
    if (recordClass == RecordClass::money) {
        if (queue.size() + openIntents_ >= limits_.undeliveredMoney)
            return fail(Reason::store_full, "undelivered money records");
        return {};
    }
    if (queue.size() < limitOf(recordClass).undelivered)
        return {};
    const auto victim =
        std::ranges::find_if(queue, [&](const auto& waiting) { return !isLeased(waiting.first, now); });
    if (victim == queue.end())
        return fail(Reason::store_full, "records of this class, all on their way upstream");
    return giveUp(journal, victim->first, "dropped for want of room");
}

void Delivery::add(const Record& record, std::optional<std::uint64_t> order) {
    put(record.recordClass, record.id.sequence,
        {order, expiryOf(record.recordClass, record.written.wall, record.written.trust)});
}

std::vector<std::uint64_t> Delivery::expired(const Instant& now) const {
    std::vector<std::uint64_t> old;
    if (now.trust != TimeTrust::synced) // a clock that jumps ahead loses nothing
        return old;
    for (auto next = expiring_.begin();
         next != expiring_.end() && next->first <= now.wall && old.size() < mostGivenUp; ++next)
        if (!isLeased(next->second, now))
            old.push_back(next->second);
    return old;
}

Result<void> Delivery::expire(Journal& journal, const Instant& now) {
    for (const auto sequence : expired(now))
        if (auto given = giveUp(journal, sequence, "expired"); !given)
            return given;
    return {};
}

Result<void> Delivery::giveUp(Journal& journal, std::uint64_t sequence, const std::string& note) {
    // Class and age stand in the row, where a byte may have changed them: what does not prove itself is kept.
    const auto record = journal.read(sequence);
    if (!record && !isUnreadable(record.error()))
        return failWith(record);
    if (record)
        journal.dropPayload(sequence);
    return settle(sequence, DeliveryState::dead, record ? note : "unreadable", false);
}

const ClassLimit& Delivery::limitOf(RecordClass recordClass) const {
    return recordClass == RecordClass::access           ? limits_.access
           : recordClass == RecordClass::security_event ? limits_.securityEvents
                                                        : limits_.telemetry;
}

WallTime Delivery::expiryOf(RecordClass recordClass, WallTime written, TimeTrust trust) const {
    // Nobody knows the age of what was written under a suspect clock.
    if (recordClass == RecordClass::money || trust == TimeTrust::suspect)
        return never;
    return written + limitOf(recordClass).kept;
}

std::optional<RecordClass> Delivery::classOf(std::uint64_t sequence) const {
    for (std::size_t index = 0; index < waiting_.size(); ++index)
        if (waiting_.at(index).contains(sequence))
            return static_cast<RecordClass>(index);
    return std::nullopt;
}

void Delivery::put(RecordClass recordClass, std::uint64_t sequence, const Waiting& waiting) {
    changes_.push_back({recordClass, sequence, std::nullopt});
    set(recordClass, sequence, waiting);
}

void Delivery::take(RecordClass recordClass, std::uint64_t sequence) {
    changes_.push_back({recordClass, sequence, queueOf(recordClass).at(sequence)});
    set(recordClass, sequence, std::nullopt);
}

void Delivery::set(RecordClass recordClass, std::uint64_t sequence, const std::optional<Waiting>& waiting) {
    auto& queue = queueOf(recordClass);
    if (waiting) {
        queue.insert_or_assign(queue.end(), sequence, *waiting); // most come at the end
        if (waiting->order)
            ordered_.emplace(*waiting->order, sequence);
        if (waiting->expires != never)
            expiring_.emplace(waiting->expires, sequence);
        return;
    }
    const auto found = queue.find(sequence);
    if (found->second.order)
        ordered_.erase({*found->second.order, sequence});
    expiring_.erase({found->second.expires, sequence});
    queue.erase(found);
}

bool Delivery::isHeldBack(std::uint64_t sequence, std::uint64_t order,
                          const std::set<std::uint64_t>& taken) const {
    const auto self = ordered_.find({order, sequence});
    return std::any_of(ordered_.lower_bound({order, 0}), self,
                       [&](const auto& earlier) { return !taken.contains(earlier.second); });
}

void Delivery::lease(std::uint64_t sequence, const Instant& now, Milliseconds duration) {
    if (classOf(sequence))
        leases_.insert_or_assign(sequence, Lease{now.monotonic + duration, now.boot});
}

bool Delivery::isLeased(std::uint64_t sequence, const Instant& now) const {
    const auto lease = leases_.find(sequence);
    return lease != leases_.end() && lease->second.boot == now.boot && now.monotonic < lease->second.until;
}

Result<void> Delivery::settle(std::uint64_t sequence, DeliveryState state, const std::string& note,
                              bool attempted) {
    const auto recordClass = classOf(sequence);
    if (!recordClass) {
        auto known = connection_.prepared("SELECT 1 FROM journal WHERE sequence = ?");
        known->bind(1, static_cast<std::int64_t>(sequence));
        return known->executeStep() ? Result<void>() : notFound(sequence, "");
    }
    auto settled = connection_.prepared("INSERT INTO delivery (sequence, state, attempts, note, twin) "
                                        "VALUES (?1, ?2, ?3, ?4, ?1 * 4 + ?2) ON CONFLICT (sequence) "
                                        "DO UPDATE SET state = excluded.state, twin = excluded.twin, "
                                        "attempts = attempts + excluded.attempts, note = excluded.note");
    settled->bind(1, static_cast<std::int64_t>(sequence));
    settled->bind(2, stored(state));
    settled->bind(3, attempted ? 1 : 0);
    settled->bind(4, note);
    settled->exec();
    take(*recordClass, sequence);
    return {};
}

void Delivery::countAttempt(std::uint64_t sequence) {
    if (!classOf(sequence))
        return;
    auto count =
        connection_.prepared("INSERT INTO delivery (sequence, attempts, twin) VALUES (?1, 1, ?1 * 4) "
                             "ON CONFLICT (sequence) DO UPDATE SET attempts = attempts + 1");
    count->bind(1, static_cast<std::int64_t>(sequence));
    count->exec();
}

Result<void> Delivery::requeue(std::uint64_t sequence) {
    SQLite::Statement letter(connection_, "SELECT class, order_key, sealed IS NULL FROM journal "
                                          "JOIN delivery USING (sequence) WHERE sequence = ? AND state = 2");
    letter.bind(1, static_cast<std::int64_t>(sequence));
    if (!letter.executeStep())
        return notFound(sequence, " is no dead letter");
    if (letter.getColumn(2).getInt() != 0)
        return notFound(sequence, ": its payload was given up");
    SQLite::Statement update(connection_,
                             "UPDATE delivery SET state = 0, twin = sequence * 4 WHERE sequence = ?");
    update.bind(1, static_cast<std::int64_t>(sequence));
    update.exec();
    put(static_cast<RecordClass>(letter.getColumn(0).getInt()), sequence,
        {orderOf(letter.getColumn(1)), never});
    return {};
}

void Delivery::resync(std::uint64_t from) {
    auto settled =
        connection_.prepared("SELECT journal.sequence, class, order_key FROM journal JOIN delivery "
                             "USING (sequence) WHERE journal.sequence >= ? AND state = 1");
    settled->bind(1, static_cast<std::int64_t>(from));
    while (settled->executeStep())
        put(static_cast<RecordClass>(settled->getColumn(1).getInt()),
            static_cast<std::uint64_t>(settled->getColumn(0).getInt64()),
            {orderOf(settled->getColumn(2)), never});
    auto pending = connection_.prepared("UPDATE delivery SET state = 0, twin = sequence * 4 "
                                        "WHERE state = 1 AND sequence >= ?");
    pending->bind(1, static_cast<std::int64_t>(from));
    pending->exec();
}

std::uint64_t Delivery::settledUpTo(std::uint64_t lastSequence) const {
    auto upTo = lastSequence;
    for (const auto& queue : waiting_)
        if (!queue.empty())
            upTo = std::min(upTo, queue.begin()->first - 1);
    return upTo;
}

Store::Counts Delivery::counts(std::uint64_t lastSequence, const Instant& now) {
    Store::Counts counts;
    std::uint64_t undelivered = 0;
    for (const auto& queue : waiting_)
        undelivered += queue.size();
    counts.leased = static_cast<std::uint64_t>(
        std::ranges::count_if(leases_, [&](const auto& lease) { return isLeased(lease.first, now); }));
    counts.pending = undelivered - counts.leased;
    auto dead = connection_.prepared("SELECT count(*) FROM delivery WHERE state = 2");
    dead->executeStep();
    counts.dead = static_cast<std::uint64_t>(dead->getColumn(0).getInt64());
    counts.acknowledged = lastSequence - undelivered - counts.dead; // sequences have no gaps
    return counts;
}

std::vector<RecordSummary> Delivery::list(const RecordId& from, std::size_t most, const Instant& now) {
    return summaries("journal LEFT JOIN delivery USING (sequence) WHERE sequence >= ? ORDER BY sequence",
                     from, most, now);
}

std::vector<RecordSummary> Delivery::deadLetters(const RecordId& from, std::size_t most) {
    return summaries(
        "delivery JOIN journal USING (sequence) WHERE state = 2 AND sequence <= ? ORDER BY sequence DESC",
        from, most, {});
}

std::vector<RecordSummary> Delivery::summaries(std::string_view rowsOf, const RecordId& from,
                                               std::size_t most, const Instant& now) {
    SQLite::Statement rows(
        connection_, "SELECT sequence, class, kind, wall_ms, coalesce(state, 0), coalesce(attempts, 0), "
                     "coalesce(note, '') FROM " +
                         std::string(rowsOf) + " LIMIT ?");
    rows.bind(1, static_cast<std::int64_t>(from.sequence));
    rows.bind(2, static_cast<std::int64_t>(most));
    std::vector<RecordSummary> found;
    while (rows.executeStep()) {
        auto summary = summaryFrom(rows, from);
        if (summary.state == DeliveryState::pending && isLeased(summary.id.sequence, now))
            summary.state = DeliveryState::leased;
        found.push_back(std::move(summary));
    }
    return found;
}

RecordSummary summaryFrom(SQLite::Statement& row, RecordId id) {
    RecordSummary summary;
    summary.id = std::move(id);
    summary.id.sequence = static_cast<std::uint64_t>(row.getColumn(0).getInt64());
    summary.recordClass = static_cast<RecordClass>(row.getColumn(1).getInt());
    summary.kind = row.getColumn(2).getString();
    summary.written = wallFromUnixMilliseconds(row.getColumn(3).getInt64());
    const int state = row.getColumn(4).getInt();
    summary.state = state == acknowledgedState ? DeliveryState::acknowledged
                    : state == deadState       ? DeliveryState::dead
                                               : DeliveryState::pending;
    summary.attempts = row.getColumn(5).getInt();
    summary.note = row.getColumn(6).getString();
    return summary;
}

} // namespace ykt::offline_store
