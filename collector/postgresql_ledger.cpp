#include "collector/postgresql_ledger.h"

#include "collector/judgement.h"

#include <algorithm>

namespace ykt::collector {

namespace {

// The lock: of two collectors that start at once one makes the tables.
constexpr auto schema = R"sql(
    BEGIN;
    SELECT pg_advisory_xact_lock(7953268);
    CREATE TABLE IF NOT EXISTS chain (
        id            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        terminal      TEXT   NOT NULL,
        epoch         BIGINT NOT NULL,
        records       BIGINT NOT NULL DEFAULT 0,
        last_sequence BIGINT NOT NULL DEFAULT 0,
        last_seen_ms  BIGINT NOT NULL DEFAULT 0,
        UNIQUE (terminal, epoch)
    );
    CREATE TABLE IF NOT EXISTS record (
        receipt      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        chain        BIGINT NOT NULL REFERENCES chain,
        sequence     BIGINT NOT NULL,
        class        TEXT   NOT NULL,
        kind         TEXT   NOT NULL,
        wall_ms      BIGINT NOT NULL,
        monotonic_ns BIGINT NOT NULL,
        boot         BYTEA  NOT NULL,
        trust        TEXT   NOT NULL,
        salt         BYTEA  NOT NULL,
        payload      BYTEA  NOT NULL,
        digest       BYTEA  NOT NULL,
        previous     BYTEA  NOT NULL,
        hash         BYTEA  NOT NULL,
        received_ms  BIGINT NOT NULL,
        UNIQUE (chain, sequence)
    );
    CREATE TABLE IF NOT EXISTS refusal (
        chain    BIGINT NOT NULL REFERENCES chain,
        sequence BIGINT NOT NULL,
        why      TEXT   NOT NULL,
        times    BIGINT NOT NULL,
        last_ms  BIGINT NOT NULL,
        PRIMARY KEY (chain, sequence, why)
    );
    CREATE TABLE IF NOT EXISTS unsettled (
        number      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        subject     TEXT   NOT NULL,
        message     BYTEA  NOT NULL,
        digest      BYTEA  NOT NULL, -- SHA-256 of the message
        why         TEXT   NOT NULL,
        received_ms BIGINT NOT NULL,
        UNIQUE (subject, digest)
    );
    CREATE TABLE IF NOT EXISTS status (
        terminal    TEXT   PRIMARY KEY,
        received_ms BIGINT NOT NULL,
        body        TEXT   NOT NULL
    );
    COMMIT;
)sql";

constexpr auto mostShown = "100"; // missing ranges and refusals of one chain

template <std::size_t N>
ByteArray<N> arrayOf(const Bytes& bytes) {
    ByteArray<N> array{};
    std::copy_n(bytes.begin(), std::min(N, bytes.size()), array.begin());
    return array;
}

WallTime timeOf(std::int64_t ms) {
    return wallFromUnixMilliseconds(ms);
}

// Ends the transaction that it begins only when `work` has gone well; else the connection is given up with
// it.
template <typename Work>
auto inTransaction(PostgresqlConnection& connection, Work&& work) -> decltype(work()) {
    if (const auto begun = connection.runAll("BEGIN"); !begun)
        return failWith(begun);
    auto result = work();
    if (result)
        if (const auto committed = connection.runAll("COMMIT"); !committed)
            return failWith(committed);
    return result;
}

// Locks the chain's row until the transaction ends, so that batches of one chain come one after the other.
Result<std::string> chainOf(PostgresqlConnection& connection, const IncomingBatch& batch) {
    const auto rows = connection.run("INSERT INTO chain (terminal, epoch) VALUES ($1, $2) ON CONFLICT "
                                     "(terminal, epoch) DO UPDATE SET epoch = excluded.epoch RETURNING id",
                                     {batch.terminal, std::to_string(batch.epoch)});
    if (!rows)
        return failWith(rows);
    return rows->text(0, 0);
}

Result<std::map<std::uint64_t, Neighbour>> neighbours(PostgresqlConnection& connection,
                                                      const std::string& chain, const IncomingBatch& batch) {
    ArrayText sequences;
    for (const auto sequence : neighbouringSequences(batch))
        if (sequence <= INT64_MAX)
            sequences.add(std::to_string(sequence));
    const auto rows = connection.run("SELECT sequence, receipt, previous, hash FROM record "
                                     "WHERE chain = $1 AND sequence = ANY ($2::bigint[])",
                                     {chain, sequences.finish()});
    if (!rows)
        return failWith(rows);
    std::map<std::uint64_t, Neighbour> known;
    for (int i = 0; i < rows->count(); ++i)
        known[static_cast<std::uint64_t>(rows->number(i, 0))] = {
            rows->number(i, 1), arrayOf<32>(rows->bytes(i, 2)), arrayOf<32>(rows->bytes(i, 3))};
    return known;
}

Result<void> insertFresh(PostgresqlConnection& connection, const std::string& chain,
                         const IncomingBatch& batch, Judgement& judgement, const std::string& now) {
    if (judgement.fresh().empty())
        return {};
    std::array<ArrayText, 12> columns;
    for (const auto index : judgement.fresh()) {
        const auto& record = batch.records[index];
        const std::array<std::string, columns.size()> values{std::to_string(record.sequence),
                                                             record.recordClass,
                                                             record.kind,
                                                             std::to_string(record.wallMs),
                                                             std::to_string(record.monotonicNs),
                                                             byteaText(record.boot),
                                                             record.trust,
                                                             byteaText(record.salt),
                                                             byteaText(record.payload),
                                                             byteaText(record.payloadDigest),
                                                             byteaText(record.previous),
                                                             byteaText(record.hash)};
        for (std::size_t i = 0; i < values.size(); ++i)
            columns[i].add(values[i]);
    }
    std::vector<std::string> parameters{chain, now};
    for (const auto& column : columns)
        parameters.push_back(column.finish());
    const auto rows = connection.run(
        "INSERT INTO record (chain, received_ms, sequence, class, kind, wall_ms, monotonic_ns, boot, trust, "
        "salt, payload, digest, previous, hash) SELECT $1::bigint, $2::bigint, fresh.* FROM "
        "unnest($3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bytea[], $9::text[], "
        "$10::bytea[], $11::bytea[], $12::bytea[], $13::bytea[], $14::bytea[]) AS fresh "
        "RETURNING sequence, receipt",
        parameters);
    if (!rows)
        return failWith(rows);
    for (int i = 0; i < rows->count(); ++i)
        judgement.giveReceipt(static_cast<std::uint64_t>(rows->number(i, 0)), rows->number(i, 1));
    return {};
}

Result<void> noteRefusals(PostgresqlConnection& connection, const std::string& chain,
                          const IncomingBatch& batch, const Judgement& judgement, const std::string& now) {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
        const auto& why = judgement.refusals()[i];
        if (why.empty())
            continue;
        const auto noted = connection.run(
            "INSERT INTO refusal VALUES ($1, $2, $3, 1, $4) ON CONFLICT (chain, sequence, why) "
            "DO UPDATE SET times = refusal.times + 1, last_ms = excluded.last_ms",
            {chain, std::to_string(batch.records[i].sequence), why, now});
        if (!noted)
            return failWith(noted);
    }
    return {};
}

Result<void> noteProgress(PostgresqlConnection& connection, const std::string& chain,
                          const IncomingBatch& batch, const Judgement& judgement, const std::string& now) {
    std::uint64_t last = 0;
    for (const auto index : judgement.fresh())
        last = std::max(last, batch.records[index].sequence);
    const auto noted = connection.run(
        "UPDATE chain SET records = records + $2, last_sequence = GREATEST(last_sequence, $3), "
        "last_seen_ms = $4 WHERE id = $1",
        {chain, std::to_string(judgement.fresh().size()), std::to_string(last), now});
    if (!noted)
        return failWith(noted);
    return {};
}

Result<std::vector<SequenceRange>> missingOf(PostgresqlConnection& connection, const std::string& chain) {
    const auto rows =
        connection.run("SELECT before + 1, sequence - 1 FROM (SELECT sequence, LAG(sequence, 1, 0::bigint) "
                       "OVER (ORDER BY sequence) AS before FROM record WHERE chain = $1) AS neighbours "
                       "WHERE sequence > before + 1 ORDER BY sequence LIMIT $2",
                       {chain, mostShown});
    if (!rows)
        return failWith(rows);
    std::vector<SequenceRange> missing;
    for (int i = 0; i < rows->count(); ++i)
        missing.push_back(
            {static_cast<std::uint64_t>(rows->number(i, 0)), static_cast<std::uint64_t>(rows->number(i, 1))});
    return missing;
}

Result<std::vector<Refusal>> refusedOf(PostgresqlConnection& connection, const std::string& chain) {
    const auto rows = connection.run("SELECT sequence, why, times, last_ms FROM refusal WHERE chain = $1 "
                                     "ORDER BY sequence, why LIMIT $2",
                                     {chain, mostShown});
    if (!rows)
        return failWith(rows);
    std::vector<Refusal> refused;
    for (int i = 0; i < rows->count(); ++i)
        refused.push_back({static_cast<std::uint64_t>(rows->number(i, 0)), rows->text(i, 1),
                           static_cast<std::uint64_t>(rows->number(i, 2)), timeOf(rows->number(i, 3))});
    return refused;
}

Result<std::vector<ChainState>> chainStates(PostgresqlConnection& connection) {
    const auto rows = connection.run("SELECT id, terminal, epoch, records, last_sequence, last_seen_ms "
                                     "FROM chain ORDER BY terminal COLLATE \"C\", epoch");
    if (!rows)
        return failWith(rows);
    std::vector<ChainState> chains;
    for (int i = 0; i < rows->count(); ++i) {
        auto refused = refusedOf(connection, rows->text(i, 0));
        if (!refused)
            return failWith(refused);
        ChainState chain{rows->text(i, 1),
                         static_cast<std::uint32_t>(rows->number(i, 2)),
                         static_cast<std::uint64_t>(rows->number(i, 3)),
                         static_cast<std::uint64_t>(rows->number(i, 4)),
                         timeOf(rows->number(i, 5)),
                         {},
                         std::move(*refused)};
        if (chain.missingRecords() > 0) {
            auto missing = missingOf(connection, rows->text(i, 0));
            if (!missing)
                return failWith(missing);
            chain.missing = std::move(*missing);
        }
        chains.push_back(std::move(chain));
    }
    return chains;
}

SettledRecord settledRecord(const PostgresqlRows& rows, int i) {
    SettledRecord settled{rows.text(i, 0),
                          static_cast<std::uint32_t>(rows.number(i, 1)),
                          {},
                          receiptText(rows.number(i, 2)),
                          timeOf(rows.number(i, 3))};
    auto& record = settled.record;
    record.sequence = static_cast<std::uint64_t>(rows.number(i, 4));
    record.recordClass = rows.text(i, 5);
    record.kind = rows.text(i, 6);
    record.wallMs = rows.number(i, 7);
    record.monotonicNs = rows.number(i, 8);
    record.boot = arrayOf<16>(rows.bytes(i, 9));
    record.trust = rows.text(i, 10);
    record.salt = arrayOf<16>(rows.bytes(i, 11));
    record.payload = rows.bytes(i, 12);
    record.payloadDigest = arrayOf<32>(rows.bytes(i, 13));
    record.previous = arrayOf<32>(rows.bytes(i, 14));
    record.hash = arrayOf<32>(rows.bytes(i, 15));
    return settled;
}

Result<void> readAll(PostgresqlConnection& connection, const std::string& terminal,
                     const std::function<void(const SettledRecord&)>& reader) {
    const auto declared = connection.run(
        "DECLARE records NO SCROLL CURSOR FOR SELECT terminal, epoch, receipt, received_ms, sequence, class, "
        "kind, wall_ms, monotonic_ns, boot, trust, salt, payload, digest, previous, hash FROM record JOIN "
        "chain "
        "ON chain.id = record.chain WHERE $1 IN ('', terminal) ORDER BY terminal COLLATE \"C\", epoch, "
        "sequence",
        {terminal});
    if (!declared)
        return failWith(declared);
    for (;;) {
        const auto rows = connection.run("FETCH 1000 FROM records");
        if (!rows)
            return failWith(rows);
        if (rows->count() == 0)
            return {};
        for (int i = 0; i < rows->count(); ++i)
            reader(settledRecord(*rows, i));
    }
}

} // namespace

template <typename Work>
auto PostgresqlLedger::withConnection(Work&& work) -> decltype(work(std::declval<PostgresqlConnection&>())) {
    std::optional<PostgresqlConnection> connection;
    {
        const std::scoped_lock lock(mutex_);
        if (!idle_.empty()) {
            connection = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!connection) {
        auto opened = PostgresqlConnection::open(parameters_);
        if (!opened)
            return failWith(opened);
        connection = std::move(*opened);
    }
    auto result = work(*connection);
    const std::scoped_lock lock(mutex_);
    if (result)
        idle_.push_back(std::move(*connection));
    else
        idle_.clear(); // a server that was restarted has ended them all
    return result;
}

Result<void> PostgresqlLedger::change(const char* statement, const std::vector<std::string>& values) {
    return withConnection([&](PostgresqlConnection& connection) -> Result<void> {
        const auto changed = connection.run(statement, values);
        if (!changed)
            return failWith(changed);
        return {};
    });
}

Result<std::unique_ptr<PostgresqlLedger>> PostgresqlLedger::open(const std::string& parameters,
                                                                 const hal::Clock& clock) {
    std::unique_ptr<PostgresqlLedger> ledger(new PostgresqlLedger(parameters, clock));
    if (const auto made = ledger->withConnection([](auto& connection) { return connection.runAll(schema); });
        !made)
        return failWith(made);
    return ledger;
}

Result<std::vector<Verdict>> PostgresqlLedger::settle(const IncomingBatch& batch, const Acceptance& accept) {
    auto faults = faultsOf(batch);
    return withConnection([&](PostgresqlConnection& connection) {
        return inTransaction(connection, [&]() -> Result<std::vector<Verdict>> {
            const auto chain = chainOf(connection, batch);
            if (!chain)
                return failWith(chain);
            auto known = neighbours(connection, *chain, batch);
            if (!known)
                return failWith(known);
            Judgement judgement(batch, std::move(faults), std::move(*known), accept);
            const auto written =
                insertFresh(connection, *chain, batch, judgement, now())
                    .and_then([&] { return noteRefusals(connection, *chain, batch, judgement, now()); })
                    .and_then([&] { return noteProgress(connection, *chain, batch, judgement, now()); });
            if (!written)
                return failWith(written);
            return judgement.verdicts();
        });
    });
}

Result<std::vector<ChainState>> PostgresqlLedger::chains() {
    return withConnection([](PostgresqlConnection& connection) {
        return inTransaction(connection, [&]() -> Result<std::vector<ChainState>> {
            // One moment's picture.
            if (const auto set = connection.runAll("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"); !set)
                return failWith(set);
            return chainStates(connection);
        });
    });
}

Result<void> PostgresqlLedger::read(const std::string& terminal,
                                    const std::function<void(const SettledRecord&)>& reader) {
    return withConnection([&](PostgresqlConnection& connection) {
        return inTransaction(connection, [&] { return readAll(connection, terminal, reader); });
    });
}

Result<void> PostgresqlLedger::keepUnsettled(const std::string& subject, const std::string& payload,
                                             const std::string& why) {
    const auto message = asBytes(payload);
    return change("INSERT INTO unsettled (subject, message, digest, why, received_ms) "
                  "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (subject, digest) DO NOTHING",
                  {subject, byteaText(message), byteaText(crypto::sha256(message)), why, now()});
}

Result<std::optional<UnsettledMessage>> PostgresqlLedger::unsettledAfter(std::int64_t number) {
    using Found = std::optional<UnsettledMessage>;
    return withConnection([&](PostgresqlConnection& connection) -> Result<Found> {
        const auto rows = connection.run("SELECT number, subject, message, why, received_ms FROM unsettled "
                                         "WHERE number > $1 ORDER BY number LIMIT 1",
                                         {std::to_string(number)});
        if (!rows)
            return failWith(rows);
        if (rows->count() == 0)
            return std::nullopt;
        return UnsettledMessage{rows->number(0, 0), rows->text(0, 1), toText(rows->bytes(0, 2)),
                                rows->text(0, 3), timeOf(rows->number(0, 4))};
    });
}

Result<void> PostgresqlLedger::removeUnsettled(std::int64_t number) {
    return change("DELETE FROM unsettled WHERE number = $1", {std::to_string(number)});
}

Result<void> PostgresqlLedger::noteStatus(const std::string& terminal, const std::string& status) {
    return change("INSERT INTO status VALUES ($1, $2, $3) ON CONFLICT (terminal) "
                  "DO UPDATE SET received_ms = $2, body = $3",
                  {terminal, now(), status});
}

Result<std::vector<TerminalStatus>> PostgresqlLedger::statuses() {
    return withConnection([](PostgresqlConnection& connection) -> Result<std::vector<TerminalStatus>> {
        const auto rows =
            connection.run("SELECT terminal, received_ms, body FROM status ORDER BY terminal COLLATE \"C\"");
        if (!rows)
            return failWith(rows);
        std::vector<TerminalStatus> statuses;
        for (int i = 0; i < rows->count(); ++i)
            statuses.push_back({rows->text(i, 0), timeOf(rows->number(i, 1)), rows->text(i, 2)});
        return statuses;
    });
}

} // namespace ykt::collector
