#include "sim/back_office/purse_book.h"

#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::sim {

namespace {

using nlohmann::json;
using State = PurseLine::State;

constexpr auto schema = R"sql(
    CREATE TABLE IF NOT EXISTS debit (
        issuer            TEXT    NOT NULL,
        serial            TEXT    NOT NULL,
        counter           INTEGER NOT NULL,
        terminal          TEXT    NOT NULL,
        terminal_sequence TEXT    NOT NULL,
        amount_fen        INTEGER NOT NULL,
        state             INTEGER NOT NULL, -- PurseLine::State
        proven            INTEGER NOT NULL,
        PRIMARY KEY (issuer, serial, counter, terminal, terminal_sequence)
    ) STRICT;
)sql";

template <std::size_t N>
void readHex(const json& object, const char* name, ByteArray<N>& into) {
    const auto bytes = fromHex(object.at(name).get<std::string>());
    if (!bytes || bytes->size() != N)
        throw std::invalid_argument(name);
    std::ranges::copy(*bytes, into.begin());
}

std::uint32_t readNumber(const json& object, const char* name, std::uint64_t most) {
    const auto& member = object.at(name);
    if (!member.is_number_unsigned() || member.get<std::uint64_t>() > most)
        throw std::invalid_argument(name);
    return member.get<std::uint32_t>();
}

PurseClaim parse(const std::string& kind, const json& purse) {
    PurseClaim claim;
    auto& purchase = claim.purchase;
    readHex(purse, "serial", purchase.serial);
    readHex(purse, "issuer", purchase.issuer);
    readHex(purse, "terminal", purchase.terminal);
    readHex(purse, "terminal_sequence", purchase.terminalSequence);
    readHex(purse, "time", purchase.time);
    purchase.amountFen = readNumber(purse, "amount_fen", UINT32_MAX);
    purchase.type = static_cast<std::uint8_t>(readNumber(purse, "type", UINT8_MAX));
    claim.counter = static_cast<std::uint16_t>(readNumber(purse, "counter", UINT16_MAX));
    if (kind == "debit_unresolved")
        return claim;
    claim.state = purse.at("debited").get<bool>() ? State::settled : State::not_debited;
    if (claim.state == State::not_debited)
        return claim;
    const auto evidence = purse.value("evidence", std::string("answer"));
    claim.provedByCard = evidence == "answer" || evidence == "proof";
    claim.hasTac = purse.contains("tac");
    if (claim.hasTac)
        readHex(purse, "tac", purchase.tac);
    return claim;
}

void bindAttempt(SQLite::Statement& statement, const PurseClaim& claim) {
    statement.bind(1, toHex(claim.purchase.issuer));
    statement.bind(2, toHex(claim.purchase.serial));
    statement.bind(3, static_cast<std::int64_t>(claim.counter));
    statement.bind(4, toHex(claim.purchase.terminal));
    statement.bind(5, toHex(claim.purchase.terminalSequence));
}

} // namespace

Result<std::optional<PurseClaim>> purseClaimOf(const std::string& kind, std::string_view payload) {
    const auto object = json::parse(payload, nullptr, false);
    if (!object.is_object() || !object.contains("purse"))
        return std::nullopt;
    try {
        return parse(kind, object.at("purse"));
    } catch (const json::exception&) {
        return fail(Reason::input_malformed, "purse");
    } catch (const std::invalid_argument& field) {
        return fail(Reason::input_malformed, std::string("purse: ") + field.what());
    }
}

PurseBook::PurseBook(SQLite::Database& database, TacCheck tacIsRight)
    : database_(database), tacIsRight_(std::move(tacIsRight)) {
    database_.exec(schema);
}

std::string PurseBook::doubtAbout(const PurseClaim& claim) const {
    if (claim.state != State::settled || !tacIsRight_)
        return {};
    if (!claim.hasTac)
        return claim.provedByCard ? "TAC is missing" : "";
    const auto right = tacIsRight_(claim.purchase);
    return right && *right ? "" : "TAC is wrong";
}

std::string PurseBook::enter(const PurseClaim& claim) {
    if (auto doubt = doubtAbout(claim); !doubt.empty())
        return doubt;
    SQLite::Statement made(database_, "SELECT terminal = ?4 AND terminal_sequence = ?5 FROM debit WHERE "
                                      "issuer = ?1 AND serial = ?2 AND counter = ?3 AND state = ?6");
    bindAttempt(made, claim);
    made.bind(6, static_cast<int>(State::settled));
    const bool settledBefore = made.executeStep();
    const bool thisOne = settledBefore && made.getColumn(0).getInt() != 0;
    if (settledBefore && claim.state == State::settled)
        return thisOne ? "the debit was settled by another record" : "another debit has this counter";
    if (thisOne && claim.state == State::not_debited)
        return "the debit was made, by another record";
    if (thisOne)
        return {}; // told of as unresolved after it was settled
    SQLite::Statement write(database_,
                            "INSERT INTO debit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE "
                            "SET amount_fen = ?6, state = ?7, proven = ?8");
    bindAttempt(write, claim);
    write.bind(6, static_cast<std::int64_t>(claim.purchase.amountFen));
    write.bind(7, static_cast<int>(claim.state));
    write.bind(8, claim.hasTac && tacIsRight_ ? 1 : 0);
    write.exec();
    return {};
}

// The states are in the order in which one of several attempts decides.
std::vector<PurseLine> PurseBook::lines() {
    SQLite::Statement row(database_, "SELECT serial, counter, amount_fen, MIN(state), proven FROM debit "
                                     "GROUP BY issuer, serial, counter ORDER BY serial, counter");
    std::vector<PurseLine> lines;
    while (row.executeStep())
        lines.push_back({row.getColumn(0).getString(), static_cast<std::uint16_t>(row.getColumn(1).getUInt()),
                         row.getColumn(2).getUInt(), static_cast<State>(row.getColumn(3).getInt()),
                         row.getColumn(4).getInt() != 0});
    return lines;
}

} // namespace ykt::sim
