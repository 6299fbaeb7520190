#include "sim/back_office/ledger.h"

#include "base/hex.h"
#include "collector/audit.h"

#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

constexpr auto schema = R"sql(
    CREATE TABLE IF NOT EXISTS deferral (
        record TEXT    PRIMARY KEY, -- its id
        holds  INTEGER NOT NULL
    ) STRICT;
)sql";

std::string idOf(const std::string& terminal, std::uint32_t epoch, std::uint64_t sequence) {
    return terminal + "-" + std::to_string(epoch) + "-" + std::to_string(sequence);
}

PurseLine lineOf(const PurseClaim& claim) {
    return {toHex(claim.purchase.serial), claim.counter, claim.purchase.amountFen, claim.state, claim.hasTac};
}

LedgerRow rowOf(const collector::SettledRecord& settled) {
    const auto& record = settled.record;
    LedgerRow row{
        settled.terminal, settled.epoch,          record.sequence, record.recordClass,
        record.kind,      toText(record.payload), settled.receipt, wallFromUnixMilliseconds(record.wallMs)};
    if (const auto claim = purseClaimOf(row.kind, row.payload); claim && *claim)
        row.purse = lineOf(**claim);
    return row;
}

} // namespace

Ledger::Ledger(std::unique_ptr<collector::SqliteLedger> settled, TacCheck tacIsRight, TokenBook& tokens)
    : settled_(std::move(settled)), purses_(settled_->database(), std::move(tacIsRight)), tokens_(tokens) {
    settled_->database().exec(schema);
}

Result<std::unique_ptr<Ledger>> Ledger::open(const std::filesystem::path& file, TacCheck tacIsRight,
                                             TokenBook& tokens, const hal::Clock& clock) {
    auto settled = collector::SqliteLedger::open(file, clock);
    if (!settled)
        return failWith(settled);
    try {
        return std::unique_ptr<Ledger>(new Ledger(std::move(*settled), std::move(tacIsRight), tokens));
    } catch (const SQLite::Exception& exception) {
        return fail(Reason::store_failed, std::string("ledger: ") + exception.getErrorStr());
    }
}

Result<std::vector<collector::Verdict>> Ledger::settle(const collector::IncomingBatch& batch,
                                                       const std::string& rejectedKind) {
    return settled_->settle(batch, [&](const auto& of, const auto& record) {
        if (!rejectedKind.empty() && record.kind == rejectedKind)
            return std::string("this kind is not accepted");
        auto why = enterPurse(record);
        if (why.empty())
            enterDeferral(of, record);
        return why;
    });
}

std::string Ledger::enterPurse(const collector::IncomingRecord& record) {
    const auto claim = purseClaimOf(record.kind, toText(record.payload));
    if (!claim)
        return claim.error().context;
    return *claim ? purses_.enter(**claim) : std::string();
}

void Ledger::enterDeferral(const collector::IncomingBatch& batch, const collector::IncomingRecord& record) {
    const auto payload = nlohmann::json::parse(record.payload, nullptr, false);
    if (!payload.is_object() || !payload.contains("deferred"))
        return;
    const auto& deferred = payload["deferred"];
    const auto text = [](const nlohmann::json& object, const char* name) {
        const bool told = object.is_object() && object.contains(name) && object[name].is_string();
        return told ? object[name].get<std::string>() : std::string();
    };
    const auto by = idOf(batch.terminal, batch.epoch, record.sequence);
    const bool holds =
        tokens_.settleDeferred({text(payload, "medium"), text(deferred, "token"),
                                wallFromUnixMilliseconds(record.wallMs), by, text(deferred, "request_id")});
    SQLite::Statement insert(settled_->database(), "INSERT INTO deferral (record, holds) VALUES (?, ?)");
    insert.bind(1, by);
    insert.bind(2, holds ? 1 : 0);
    insert.exec();
}

std::map<std::string, bool> Ledger::deferrals() {
    const auto held = settled_->lock();
    SQLite::Statement row(settled_->database(), "SELECT record, holds FROM deferral");
    std::map<std::string, bool> deferrals;
    while (row.executeStep())
        deferrals[row.getColumn(0).getString()] = row.getColumn(1).getInt() != 0;
    return deferrals;
}

std::vector<LedgerRow> Ledger::rows() {
    std::vector<LedgerRow> rows;
    if (const auto read = settled_->read({}, [&](const auto& settled) { rows.push_back(rowOf(settled)); });
        !read)
        throw std::runtime_error(explain(read.error())); // a test's or a demo's own file
    const auto known = deferrals();
    for (auto& row : rows)
        if (const auto found = known.find(idOf(row.terminal, row.epoch, row.sequence)); found != known.end())
            row.deferredCodeHolds = found->second;
    return rows;
}

std::vector<PurseLine> Ledger::purseLines() {
    const auto held = settled_->lock();
    return purses_.lines();
}

std::vector<std::string> Ledger::audit() {
    return collector::audit(*settled_).value();
}

} // namespace ykt::sim
