#include "collector/sqlite_ledger.h"

#include "collector/judgement.h"

#include <algorithm>

namespace ykt::collector {

namespace {

constexpr auto schema = R"sql(
    CREATE TABLE IF NOT EXISTS chain (
        id            INTEGER PRIMARY KEY,
        terminal      TEXT    NOT NULL,
        epoch         INTEGER NOT NULL,
        records       INTEGER NOT NULL DEFAULT 0,
        last_sequence INTEGER NOT NULL DEFAULT 0,
        last_seen_ms  INTEGER NOT NULL DEFAULT 0,
        UNIQUE (terminal, epoch)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS record (
        receipt      INTEGER PRIMARY KEY,
        chain        INTEGER NOT NULL REFERENCES chain,
        sequence     INTEGER NOT NULL,
        class        TEXT    NOT NULL,
        kind         TEXT    NOT NULL,
        wall_ms      INTEGER NOT NULL,
        monotonic_ns INTEGER NOT NULL,
        boot         BLOB    NOT NULL,
        trust        TEXT    NOT NULL,
        salt         BLOB    NOT NULL,
        payload      BLOB    NOT NULL,
        digest       BLOB    NOT NULL,
        previous     BLOB    NOT NULL,
        hash         BLOB    NOT NULL,
        received_ms  INTEGER NOT NULL,
        UNIQUE (chain, sequence)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS refusal (
        chain    INTEGER NOT NULL REFERENCES chain,
        sequence INTEGER NOT NULL,
        why      TEXT    NOT NULL,
        times    INTEGER NOT NULL,
        last_ms  INTEGER NOT NULL,
        PRIMARY KEY (chain, sequence, why)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS unsettled (
        number      INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: another collector may still hold one
        subject     TEXT    NOT NULL,
        message     BLOB    NOT NULL,
        digest      BLOB    NOT NULL, -- SHA-256 of the message
        why         TEXT    NOT NULL,
        received_ms INTEGER NOT NULL,
        UNIQUE (subject, digest)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS status (
        terminal    TEXT    PRIMARY KEY,
        received_ms INTEGER NOT NULL,
        body        TEXT    NOT NULL
    ) STRICT, WITHOUT ROWID;
)sql";

constexpr int mostShown = 100; // missing ranges and refusals of one chain

std::int64_t number(std::uint64_t value) {
    return static_cast<std::int64_t>(value); // sequences end at 2^63-1
}

template <typename View>
void bindBlob(SQLite::Statement& statement, int index, const View& bytes) {
    statement.bindNoCopy(index, bytes.empty() ? "" : static_cast<const void*>(bytes.data()),
                         static_cast<int>(bytes.size()));
}

template <std::size_t N>
ByteArray<N> arrayOf(const SQLite::Column& column) {
    ByteArray<N> bytes{};
    const auto size = std::min<std::size_t>(N, static_cast<std::size_t>(column.getBytes()));
    std::copy_n(static_cast<const std::uint8_t*>(column.getBlob()), size, bytes.begin());
    return bytes;
}

WallTime timeOf(const SQLite::Column& column) {
    return wallFromUnixMilliseconds(column.getInt64());
}

// What `work` gives; what SQLite throws becomes an error.
template <typename Work>
auto guarded(Work&& work) -> Result<decltype(work())> {
    try {
        if constexpr (std::is_void_v<decltype(work())>) {
            work();
            return {};
        } else {
            return work();
        }
    } catch (const SQLite::Exception& exception) {
        return fail(Reason::store_failed, std::string("ledger: ") + exception.getErrorStr());
    }
}

std::int64_t chainOf(SQLite::Database& database, const IncomingBatch& batch) {
    SQLite::Statement row(database, "INSERT INTO chain (terminal, epoch) VALUES (?, ?) "
                                    "ON CONFLICT DO UPDATE SET epoch = epoch RETURNING id");
    row.bind(1, batch.terminal);
    row.bind(2, static_cast<std::int64_t>(batch.epoch));
    row.executeStep();
    return row.getColumn(0).getInt64();
}

std::map<std::uint64_t, Neighbour> neighbours(SQLite::Database& database, std::int64_t chain,
                                              const IncomingBatch& batch) {
    SQLite::Statement row(database,
                          "SELECT receipt, previous, hash FROM record WHERE chain = ? AND sequence = ?");
    row.bind(1, chain);
    std::map<std::uint64_t, Neighbour> known;
    for (const auto sequence : neighbouringSequences(batch)) {
        row.bind(2, number(sequence));
        if (row.executeStep())
            known.emplace_hint(known.end(), sequence,
                               Neighbour{row.getColumn(0).getInt64(), arrayOf<32>(row.getColumn(1)),
                                         arrayOf<32>(row.getColumn(2))});
        row.reset();
    }
    return known;
}

void insertFresh(SQLite::Database& database, std::int64_t chain, const IncomingBatch& batch,
                 Judgement& judgement, std::int64_t now) {
    SQLite::Statement insert(database,
                             "INSERT INTO record (chain, sequence, class, kind, wall_ms, monotonic_ns, boot, "
                             "trust, salt, payload, digest, previous, hash, received_ms) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, chain);
    insert.bind(14, now);
    for (const auto index : judgement.fresh()) {
        const auto& record = batch.records[index];
        insert.bind(2, number(record.sequence));
        insert.bindNoCopy(3, record.recordClass);
        insert.bindNoCopy(4, record.kind);
        insert.bind(5, record.wallMs);
        insert.bind(6, record.monotonicNs);
        bindBlob(insert, 7, record.boot);
        insert.bindNoCopy(8, record.trust);
        bindBlob(insert, 9, record.salt);
        bindBlob(insert, 10, record.payload);
        bindBlob(insert, 11, record.payloadDigest);
        bindBlob(insert, 12, record.previous);
        bindBlob(insert, 13, record.hash);
        insert.exec();
        insert.reset();
        judgement.giveReceipt(record.sequence, database.getLastInsertRowid());
    }
}

void noteRefusals(SQLite::Database& database, std::int64_t chain, const IncomingBatch& batch,
                  const Judgement& judgement, std::int64_t now) {
    SQLite::Statement note(database,
                           "INSERT INTO refusal VALUES (?, ?, ?, 1, ?) "
                           "ON CONFLICT DO UPDATE SET times = times + 1, last_ms = excluded.last_ms");
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        if (judgement.refusals()[i].empty())
            continue;
        note.bind(1, chain);
        note.bind(2, number(batch.records[i].sequence));
        note.bind(3, judgement.refusals()[i]);
        note.bind(4, now);
        note.exec();
        note.reset();
    }
}

void noteProgress(SQLite::Database& database, std::int64_t chain, const IncomingBatch& batch,
                  const Judgement& judgement, std::int64_t now) {
    std::uint64_t last = 0;
    for (const auto index : judgement.fresh())
        last = std::max(last, batch.records[index].sequence);
    SQLite::Statement note(database, "UPDATE chain SET records = records + ?2, last_seen_ms = ?4, "
                                     "last_sequence = MAX(last_sequence, ?3) WHERE id = ?1");
    note.bind(1, chain);
    note.bind(2, number(judgement.fresh().size()));
    note.bind(3, number(last));
    note.bind(4, now);
    note.exec();
}

std::vector<SequenceRange> missingOf(SQLite::Database& database, std::int64_t chain) {
    SQLite::Statement row(database,
                          "SELECT before + 1, sequence - 1 FROM (SELECT sequence, LAG(sequence, 1, 0) "
                          "OVER (ORDER BY sequence) AS before FROM record WHERE chain = ?) "
                          "WHERE sequence > before + 1 ORDER BY sequence LIMIT ?");
    row.bind(1, chain);
    row.bind(2, mostShown);
    std::vector<SequenceRange> missing;
    while (row.executeStep())
        missing.push_back({static_cast<std::uint64_t>(row.getColumn(0).getInt64()),
                           static_cast<std::uint64_t>(row.getColumn(1).getInt64())});
    return missing;
}

std::vector<Refusal> refusedOf(SQLite::Database& database, std::int64_t chain) {
    SQLite::Statement row(database, "SELECT sequence, why, times, last_ms FROM refusal WHERE chain = ? "
                                    "ORDER BY sequence, why LIMIT ?");
    row.bind(1, chain);
    row.bind(2, mostShown);
    std::vector<Refusal> refused;
    while (row.executeStep())
        refused.push_back(
            {static_cast<std::uint64_t>(row.getColumn(0).getInt64()), row.getColumn(1).getString(),
             static_cast<std::uint64_t>(row.getColumn(2).getInt64()), timeOf(row.getColumn(3))});
    return refused;
}

SettledRecord settledRecord(SQLite::Statement& row) {
    SettledRecord settled;
    settled.terminal = row.getColumn(0).getString();
    settled.epoch = row.getColumn(1).getUInt();
    settled.receipt = receiptText(row.getColumn(2).getInt64());
    settled.received = timeOf(row.getColumn(3));
    auto& record = settled.record;
    record.sequence = static_cast<std::uint64_t>(row.getColumn(4).getInt64());
    record.recordClass = row.getColumn(5).getString();
    record.kind = row.getColumn(6).getString();
    record.wallMs = row.getColumn(7).getInt64();
    record.monotonicNs = row.getColumn(8).getInt64();
    record.boot = arrayOf<16>(row.getColumn(9));
    record.trust = row.getColumn(10).getString();
    record.salt = arrayOf<16>(row.getColumn(11));
    const auto payload = row.getColumn(12);
    const auto* bytes = static_cast<const std::uint8_t*>(payload.getBlob());
    record.payload.assign(bytes, bytes + payload.getBytes());
    record.payloadDigest = arrayOf<32>(row.getColumn(13));
    record.previous = arrayOf<32>(row.getColumn(14));
    record.hash = arrayOf<32>(row.getColumn(15));
    return settled;
}

} // namespace

SqliteLedger::SqliteLedger(const std::filesystem::path& file, const hal::Clock& clock)
    : clock_(clock), database_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000) {
    database_.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    database_.exec(schema);
}

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(const std::filesystem::path& file,
                                                         const hal::Clock& clock) {
    return guarded([&] { return std::unique_ptr<SqliteLedger>(new SqliteLedger(file, clock)); });
}

Result<std::vector<Verdict>> SqliteLedger::settle(const IncomingBatch& batch, const Acceptance& accept) {
    auto faults = faultsOf(batch);
    const auto held = lock();
    return guarded([&] {
        const auto now = unixMilliseconds(clock_.now().wall);
        SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
        const auto chain = chainOf(database_, batch);
        Judgement judgement(batch, std::move(faults), neighbours(database_, chain, batch), accept);
        insertFresh(database_, chain, batch, judgement, now);
        noteRefusals(database_, chain, batch, judgement, now);
        noteProgress(database_, chain, batch, judgement, now);
        transaction.commit();
        return judgement.verdicts();
    });
}

Result<std::vector<ChainState>> SqliteLedger::chains() {
    const auto held = lock();
    return guarded([&] {
        SQLite::Transaction transaction(database_); // one moment's picture
        SQLite::Statement row(database_, "SELECT id, terminal, epoch, records, last_sequence, last_seen_ms "
                                         "FROM chain ORDER BY terminal, epoch");
        std::vector<ChainState> chains;
        while (row.executeStep()) {
            const auto id = row.getColumn(0).getInt64();
            ChainState chain{row.getColumn(1).getString(),
                             row.getColumn(2).getUInt(),
                             static_cast<std::uint64_t>(row.getColumn(3).getInt64()),
                             static_cast<std::uint64_t>(row.getColumn(4).getInt64()),
                             timeOf(row.getColumn(5)),
                             {},
                             refusedOf(database_, id)};
            if (chain.missingRecords() > 0)
                chain.missing = missingOf(database_, id);
            chains.push_back(std::move(chain));
        }
        return chains;
    });
}

Result<void> SqliteLedger::read(const std::string& terminal,
                                const std::function<void(const SettledRecord&)>& reader) {
    const auto held = lock();
    return guarded([&] {
        SQLite::Statement row(database_,
                              "SELECT terminal, epoch, receipt, received_ms, sequence, class, kind, wall_ms, "
                              "monotonic_ns, boot, trust, salt, payload, digest, previous, hash "
                              "FROM record JOIN chain ON chain.id = record.chain "
                              "WHERE ?1 IN ('', terminal) ORDER BY terminal, epoch, sequence");
        row.bind(1, terminal);
        while (row.executeStep())
            reader(settledRecord(row));
    });
}

Result<void> SqliteLedger::keepUnsettled(const std::string& subject, const std::string& payload,
                                         const std::string& why) {
    const auto held = lock();
    return guarded([&] {
        SQLite::Statement insert(database_,
                                 "INSERT INTO unsettled (subject, message, digest, why, received_ms) "
                                 "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
        const auto digest = crypto::sha256(asBytes(payload));
        insert.bind(1, subject);
        bindBlob(insert, 2, payload);
        bindBlob(insert, 3, digest);
        insert.bind(4, why);
        insert.bind(5, unixMilliseconds(clock_.now().wall));
        insert.exec();
    });
}

Result<std::optional<UnsettledMessage>> SqliteLedger::unsettledAfter(std::int64_t number) {
    const auto held = lock();
    return guarded([&]() -> std::optional<UnsettledMessage> {
        SQLite::Statement row(database_, "SELECT number, subject, message, why, received_ms FROM unsettled "
                                         "WHERE number > ? ORDER BY number LIMIT 1");
        row.bind(1, number);
        if (!row.executeStep())
            return std::nullopt;
        return UnsettledMessage{row.getColumn(0).getInt64(), row.getColumn(1).getString(),
                                row.getColumn(2).getString(), row.getColumn(3).getString(),
                                timeOf(row.getColumn(4))};
    });
}

Result<void> SqliteLedger::removeUnsettled(std::int64_t number) {
    const auto held = lock();
    return guarded([&] {
        SQLite::Statement remove(database_, "DELETE FROM unsettled WHERE number = ?");
        remove.bind(1, number);
        remove.exec();
    });
}

Result<void> SqliteLedger::noteStatus(const std::string& terminal, const std::string& status) {
    const auto held = lock();
    return guarded([&] {
        SQLite::Statement note(database_, "INSERT INTO status VALUES (?1, ?2, ?3) "
                                          "ON CONFLICT DO UPDATE SET received_ms = ?2, body = ?3");
        note.bind(1, terminal);
        note.bind(2, unixMilliseconds(clock_.now().wall));
        note.bind(3, status);
        note.exec();
    });
}

Result<std::vector<TerminalStatus>> SqliteLedger::statuses() {
    const auto held = lock();
    return guarded([&] {
        SQLite::Statement row(database_, "SELECT terminal, received_ms, body FROM status ORDER BY terminal");
        std::vector<TerminalStatus> statuses;
        while (row.executeStep())
            statuses.push_back(
                {row.getColumn(0).getString(), timeOf(row.getColumn(1)), row.getColumn(2).getString()});
        return statuses;
    });
}

} // namespace ykt::collector
