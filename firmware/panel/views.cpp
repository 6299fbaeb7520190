#include "firmware/panel/views.h"

#include "base/hex.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::firmware::panel {
namespace {

using nlohmann::json;

std::string dump(const json& value) {
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

double milliseconds(std::chrono::microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

json outcomeView(const terminal::Outcome& outcome) {
    json view{{"number", outcome.number},
              {"lane", outcome.presentation.lane},
              {"at", formatUtc(outcome.decidedAt)},
              {"outcome", hal::nameOf(outcome.signal)},
              {"decision_ms", milliseconds(outcome.toDecision)},
              {"commit_ms", milliseconds(outcome.toCommit)},
              {"fare_fen", outcome.fareFen},
              {"holder_text", {{"zh", outcome.holderText.zh}, {"en", outcome.holderText.en}}}};
    if (outcome.balanceFen)
        view["balance_fen"] = *outcome.balanceFen;
    if (outcome.presentation.medium)
        view["medium"] = identity::nameOf(*outcome.presentation.medium);
    if (outcome.reason) {
        view["reason"] = nameOf(*outcome.reason);
        view["said_by"] = nameOf(describe(*outcome.reason).origin);
        view["remedy"] = describe(*outcome.reason).remedy;
    }
    if (!outcome.context.empty())
        view["context"] = outcome.context;
    if (outcome.receipt) {
        view["receipt"] = outcome.receipt->text();
        view["sequence"] = outcome.receipt->sequence;
    }
    return view;
}

json messageView(const std::optional<terminal::Directive>& message) {
    if (!message)
        return nullptr;
    return {{"zh", message->text.zh}, {"en", message->text.en}, {"until", formatUtc(message->notAfter)}};
}

// But for its last four characters covered.
void cover(json& object, const char* field) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_string())
        return;
    auto text = found->get<std::string>();
    for (std::size_t i = 0; i + 4 < text.size(); ++i)
        text[i] = '*';
    *found = text;
}

// The payload as an operator may see it: numbers covered, what was disclosed about the holder left out.
json maskedPayload(const offline_store::Record& record) {
    auto payload = json::parse(record.payload.begin(), record.payload.end(), nullptr, false);
    if (!payload.is_object())
        return nullptr;
    payload.erase("disclosed");
    cover(payload, "medium_id");
    if (const auto deferred = payload.find("deferred"); deferred != payload.end() && deferred->is_object())
        deferred->erase("token"); // a credential while it lasts
    if (const auto purse = payload.find("purse"); purse != payload.end() && purse->is_object())
        cover(*purse, "serial");
    return payload;
}

json bulletinView(const Result<std::optional<offline_store::Bulletin>>& bulletin,
                  const std::optional<WallTime>& confirmed, WallTime now) {
    if (!bulletin)
        return {{"error", nameOf(bulletin.error().reason)}};
    if (!*bulletin)
        return nullptr;
    json view{{"version", (*bulletin)->version},
              {"not_after", formatUtc((*bulletin)->notAfter)},
              {"installed", formatUtc((*bulletin)->installed)},
              {"over", now < (*bulletin)->notBefore || (*bulletin)->notAfter <= now}};
    if (!confirmed)
        return view;
    view["confirmed"] = formatUtc(*confirmed);
    view["age_s"] = std::chrono::floor<std::chrono::seconds>(now - *confirmed).count();
    return view;
}

// Accepted legacy cards and the like, by day: when they stay at none, the old cards are gone.
Result<json> talliesView(offline_store::Store& store) {
    constexpr unsigned days = 31;
    const auto tallies = store.tallies(days);
    if (!tallies)
        return failWith(tallies);
    json view = json::array();
    for (const auto& tally : *tallies) {
        const WallTime noon{std::chrono::sys_days{tally.day} + std::chrono::hours{12}};
        view.push_back(
            {{"what", tally.name}, {"day", formatUtc(noon).substr(0, 10)}, {"count", tally.count}});
    }
    return view;
}

// Shown as long as this database lives: the damaged file lies there for the operator.
json replacementView(const std::optional<offline_store::Store::Replacement>& replacement) {
    if (!replacement)
        return nullptr;
    return {{"damaged_file", replacement->movedTo},
            {"salvaged", replacement->salvaged},
            {"unreadable", replacement->unreadable},
            {"told", replacement->told}};
}

std::string_view nameOfLink(courier::Courier::Link link) {
    switch (link) {
    case courier::Courier::Link::online:
        return "online";
    case courier::Courier::Link::offline:
        return "offline";
    case courier::Courier::Link::unknown:
        break;
    }
    return "unknown";
}

} // namespace

std::string outcomesJson(const std::vector<terminal::Outcome>& outcomes,
                         const std::optional<terminal::Directive>& message) {
    json list = json::array();
    for (const auto& outcome : outcomes)
        list.push_back(outcomeView(outcome));
    return dump({{"outcomes", list}, {"message", messageView(message)}});
}

std::string summariesJson(const std::vector<offline_store::RecordSummary>& summaries) {
    json list = json::array();
    for (const auto& summary : summaries)
        list.push_back({{"sequence", summary.id.sequence},
                        {"epoch", summary.id.epoch},
                        {"id", summary.id.text()},
                        {"class", offline_store::nameOf(summary.recordClass)},
                        {"kind", summary.kind},
                        {"written", formatUtc(summary.written)},
                        {"state", offline_store::nameOf(summary.state)},
                        {"attempts", summary.attempts},
                        {"note", summary.note}});
    return dump({{"records", list}});
}

std::string recordJson(const offline_store::Record& record) {
    return dump({{"id", record.id.text()},
                 {"sequence", record.id.sequence},
                 {"epoch", record.id.epoch},
                 {"class", offline_store::nameOf(record.recordClass)},
                 {"kind", record.kind},
                 {"written", formatUtc(record.written.wall)},
                 {"time_trust", nameOf(record.written.trust)},
                 {"boot", toHex(record.written.boot)},
                 {"payload", maskedPayload(record)},
                 {"payload_digest", toHex(record.payloadDigest)},
                 {"previous", toHex(record.previous)},
                 {"hash", toHex(record.hash)}});
}

std::string errorJson(const Error& error) {
    const auto& info = describe(error.reason);
    return dump({{"error", info.name}, {"context", error.context}, {"remedy", info.remedy}});
}

bool isReady(const StatusSources& sources) {
    const auto lanes = sources.terminal.lanes();
    return sources.terminal.catalogue().catalogue && !sources.terminal.isOver("catalogue") &&
           !sources.terminal.codeVerifier()->anchors().empty() &&
           std::ranges::all_of(lanes, [](const auto& lane) { return lane.second == terminal::LaneState{}; });
}

Result<std::string> statusJson(const StatusSources& sources) {
    const auto counts = sources.store.counts();
    if (!counts)
        return failWith(counts);
    const auto replacement = sources.store.replacement();
    if (!replacement)
        return failWith(replacement);
    const auto torn = sources.store.openIntents();
    if (!torn)
        return failWith(torn);
    const auto tallies = talliesView(sources.store);
    if (!tallies)
        return failWith(tallies);
    json lists;
    const auto now = sources.terminal.clock().now();
    for (const auto kind : offline_store::bulletinKinds)
        lists[std::string(kind)] =
            bulletinView(sources.store.bulletin(kind), sources.courier.lastConfirmed(kind), now.wall);
    json lanes;
    for (const auto& [lane, state] : sources.terminal.lanes())
        lanes[lane] = state.trouble ? nameOf(*state.trouble) : state.occupied ? "occupied" : "ready";
    const auto upstreamError = sources.courier.lastError();
    const auto storeError = sources.store.writeError();
    return dump({{"terminal", sources.terminalId},
                 {"place", sources.place},
                 {"service", sources.terminal.service().serviceId},
                 {"fare_fen", sources.terminal.fullFareFen()},
                 {"locked", sources.terminal.isLocked()},
                 {"message", messageView(sources.terminal.message())},
                 {"link", nameOfLink(sources.courier.link())},
                 {"upstream_error", upstreamError ? json(explain(*upstreamError)) : json(nullptr)},
                 {"time", {{"utc", formatUtc(now.wall)}, {"trust", nameOf(now.trust)}}},
                 {"ready", isReady(sources)},
                 {"lists", lists},
                 {"lanes", lanes},
                 {"journal",
                  {{"pending", counts->pending},
                   {"leased", counts->leased},
                   {"acknowledged", counts->acknowledged},
                   {"dead", counts->dead},
                   {"salvaged", counts->salvaged}}},
                 {"replaced", replacementView(*replacement)},
                 {"store_error", storeError ? json(nameOf(*storeError)) : json(nullptr)},
                 {"torn_debits", torn->size()},
                 {"tallies", *tallies},
                 {"outcomes", sources.terminal.outcomes().newest()}});
}

Result<std::string> catalogueJson(offline_store::Store& store) {
    const auto bulletin = store.bulletin("catalogue");
    if (!bulletin)
        return failWith(bulletin);
    if (!*bulletin)
        return fail(Reason::record_not_found, "no catalogue is installed");
    return dump({{"version", (*bulletin)->version},
                 {"not_before", formatUtc((*bulletin)->notBefore)},
                 {"not_after", formatUtc((*bulletin)->notAfter)},
                 {"body", json::parse((*bulletin)->body, nullptr, false)}});
}

} // namespace ykt::firmware::panel
