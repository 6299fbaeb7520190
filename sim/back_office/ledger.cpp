#include "sim/back_office/ledger.h"

#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

constexpr auto schema = R"sql(
    CREATE TABLE IF NOT EXISTS ledger (
        receipt  INTEGER PRIMARY KEY,
        terminal TEXT    NOT NULL,
        epoch    INTEGER NOT NULL,
        sequence INTEGER NOT NULL,
        class    TEXT    NOT NULL,
        kind     TEXT    NOT NULL,
        wall_ms  INTEGER NOT NULL,
        payload  BLOB    NOT NULL,
        previous BLOB    NOT NULL,
        hash     BLOB    NOT NULL,
        UNIQUE (terminal, epoch, sequence)
    ) STRICT;
    CREATE TABLE IF NOT EXISTS deferral (
        receipt INTEGER PRIMARY KEY,
        holds   INTEGER NOT NULL
    ) STRICT;
)sql";

Bytes blobOf(const SQLite::Column& column) {
    const auto* data = static_cast<const std::uint8_t*>(column.getBlob());
    return {data, data + column.getBytes()};
}

void bindBlob(SQLite::Statement& statement, int index, const Bytes& bytes) {
    statement.bind(index, bytes.empty() ? "" : static_cast<const void*>(bytes.data()),
                   static_cast<int>(bytes.size()));
}

std::string receiptText(std::int64_t receipt) {
    return "R-" + std::to_string(receipt);
}

PurseLine lineOf(const PurseClaim& claim) {
    return {toHex(claim.purchase.serial), claim.counter, claim.purchase.amountFen, claim.state, claim.hasTac};
}

Error fold(const SQLite::Exception& exception) {
    return {Reason::store_failed, std::string("ledger: ") + exception.getErrorStr()};
}

} // namespace

Ledger::Ledger(const std::filesystem::path& file, TacCheck tacIsRight, TokenBook& tokens)
    : database_(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000),
      purses_(database_, std::move(tacIsRight)), tokens_(tokens) {
    database_.exec("PRAGMA journal_mode = WAL");
    database_.exec(schema);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& file, TacCheck tacIsRight,
                                             TokenBook& tokens) {
    try {
        return std::unique_ptr<Ledger>(new Ledger(file, std::move(tacIsRight), tokens));
    } catch (const SQLite::Exception& exception) {
        return tl::unexpected<Error>(fold(exception));
    }
}

Result<std::vector<Ledger::Verdict>> Ledger::settle(const std::vector<IncomingRecord>& records,
                                                    const std::string& rejectedKind) {
    const std::scoped_lock lock(mutex_);
    try {
        SQLite::Transaction transaction(database_, SQLite::TransactionBehavior::IMMEDIATE);
        std::vector<Verdict> verdicts;
        for (const auto& record : records)
            verdicts.push_back(!rejectedKind.empty() && record.kind == rejectedKind
                                   ? Verdict{false, "this kind is not accepted"}
                                   : settleOne(record));
        transaction.commit();
        return verdicts;
    } catch (const SQLite::Exception& exception) {
        return tl::unexpected<Error>(fold(exception));
    }
}

std::optional<Ledger::Known> Ledger::find(const IncomingRecord& like, std::uint64_t sequence) {
    SQLite::Statement row(database_, "SELECT receipt, previous, hash FROM ledger "
                                     "WHERE terminal = ? AND epoch = ? AND sequence = ?");
    row.bind(1, like.terminal);
    row.bind(2, static_cast<std::int64_t>(like.epoch));
    row.bind(3, static_cast<std::int64_t>(sequence));
    if (!row.executeStep())
        return std::nullopt;
    return Known{row.getColumn(0).getInt64(), blobOf(row.getColumn(1)), blobOf(row.getColumn(2))};
}

std::string Ledger::contradiction(const IncomingRecord& record) {
    if (record.sequence == 0)
        return "sequences begin with 1";
    if (const auto sound = checkHashes(record); !sound)
        return sound.error().context + " does not follow from the content";
    if (record.sequence == 1 && record.previous != Bytes(32))
        return "the first record continues another";
    if (const auto before = find(record, record.sequence - 1); before && before->hash != record.previous)
        return "does not continue the record before";
    if (const auto after = find(record, record.sequence + 1); after && after->previous != record.hash)
        return "the record after continues another";
    return {};
}

std::string Ledger::enterPurse(const IncomingRecord& record) {
    const auto claim = purseClaimOf(record.kind, toText(record.payload));
    if (!claim)
        return claim.error().context;
    return *claim ? purses_.enter(**claim) : std::string();
}

Ledger::Verdict Ledger::settleOne(const IncomingRecord& record) {
    if (const auto known = find(record, record.sequence))
        return known->hash == record.hash ? Verdict{true, receiptText(known->receipt)}
                                          : Verdict{false, "another record was settled under this id"};
    if (auto why = contradiction(record); !why.empty())
        return {false, std::move(why)};
    if (auto why = enterPurse(record); !why.empty())
        return {false, std::move(why)};
    SQLite::Statement insert(database_,
                             "INSERT INTO ledger (terminal, epoch, sequence, class, kind, wall_ms, payload, "
                             "previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    insert.bind(1, record.terminal);
    insert.bind(2, static_cast<std::int64_t>(record.epoch));
    insert.bind(3, static_cast<std::int64_t>(record.sequence));
    insert.bind(4, record.recordClass);
    insert.bind(5, record.kind);
    insert.bind(6, record.wallMs);
    bindBlob(insert, 7, record.payload);
    bindBlob(insert, 8, record.previous);
    bindBlob(insert, 9, record.hash);
    insert.exec();
    const auto receipt = database_.getLastInsertRowid();
    enterDeferral(record, receipt);
    return {true, receiptText(receipt)};
}

void Ledger::enterDeferral(const IncomingRecord& record, std::int64_t receipt) {
    const auto payload = nlohmann::json::parse(record.payload, nullptr, false);
    if (!payload.is_object() || !payload.contains("deferred"))
        return;
    const auto& deferred = payload["deferred"];
    const auto text = [](const nlohmann::json& object, const char* name) {
        const bool told = object.is_object() && object.contains(name) && object[name].is_string();
        return told ? object[name].get<std::string>() : std::string();
    };
    const auto by =
        record.terminal + "-" + std::to_string(record.epoch) + "-" + std::to_string(record.sequence);
    const bool holds =
        tokens_.settleDeferred({text(payload, "medium"), text(deferred, "token"),
                                wallFromUnixMilliseconds(record.wallMs), by, text(deferred, "request_id")});
    SQLite::Statement insert(database_, "INSERT INTO deferral (receipt, holds) VALUES (?, ?)");
    insert.bind(1, receipt);
    insert.bind(2, holds ? 1 : 0);
    insert.exec();
}

std::vector<LedgerRow> Ledger::rows() {
    const std::scoped_lock lock(mutex_);
    SQLite::Statement row(
        database_, "SELECT terminal, epoch, sequence, class, kind, payload, receipt, wall_ms, holds "
                   "FROM ledger LEFT JOIN deferral USING (receipt) ORDER BY terminal, epoch, sequence");
    std::vector<LedgerRow> rows;
    while (row.executeStep()) {
        rows.push_back({row.getColumn(0).getString(), row.getColumn(1).getUInt(),
                        static_cast<std::uint64_t>(row.getColumn(2).getInt64()), row.getColumn(3).getString(),
                        row.getColumn(4).getString(), toText(blobOf(row.getColumn(5))),
                        receiptText(row.getColumn(6).getInt64()),
                        wallFromUnixMilliseconds(row.getColumn(7).getInt64())});
        if (const auto claim = purseClaimOf(rows.back().kind, rows.back().payload); claim && *claim)
            rows.back().purse = lineOf(**claim);
        if (const auto holds = row.getColumn(8); !holds.isNull())
            rows.back().deferredCodeHolds = holds.getInt() != 0;
    }
    return rows;
}

std::vector<PurseLine> Ledger::purseLines() {
    const std::scoped_lock lock(mutex_);
    return purses_.lines();
}

std::vector<std::string> Ledger::audit() {
    const std::scoped_lock lock(mutex_);
    SQLite::Statement row(database_, "SELECT terminal, epoch, sequence, previous, hash FROM ledger "
                                     "ORDER BY terminal, epoch, sequence");
    std::vector<std::string> findings;
    std::pair<std::string, std::int64_t> chain;
    std::int64_t last = 0;
    Bytes hash;
    while (row.executeStep()) {
        const std::pair of(row.getColumn(0).getString(), row.getColumn(1).getInt64());
        if (of != chain) {
            chain = of;
            last = 0;
            hash = Bytes(32);
        }
        const auto sequence = row.getColumn(2).getInt64();
        const auto id = [&](std::int64_t number) {
            return of.first + "-" + std::to_string(of.second) + "-" + std::to_string(number);
        };
        for (auto missing = last + 1; missing < sequence; ++missing)
            findings.push_back(id(missing) + " is missing");
        if (sequence == last + 1 && blobOf(row.getColumn(3)) != hash)
            findings.push_back(id(sequence) + " does not continue the record before");
        last = sequence;
        hash = blobOf(row.getColumn(4));
    }
    return findings;
}

} // namespace ykt::sim
