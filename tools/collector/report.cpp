#include "tools/collector/report.h"

#include "tools/yktctl/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

namespace ykt::tools {

namespace {

using Json = nlohmann::ordered_json;
using collector::ChainState;

std::string rangesText(const ChainState& chain) {
    std::string text;
    std::uint64_t told = 0;
    for (const auto& [first, last] : chain.missing) {
        text += (text.empty() ? "" : ", ") + std::to_string(first);
        if (last > first)
            text += "-" + std::to_string(last);
        told += last - first + 1;
    }
    return told < chain.missingRecords() ? text + ", ..." : text;
}

Json gapsOf(const ChainState& chain) {
    auto missing = Json::array();
    for (const auto& [first, last] : chain.missing)
        missing.push_back({first, last});
    auto refused = Json::array();
    for (const auto& refusal : chain.refused)
        refused.push_back({{"sequence", refusal.sequence},
                           {"why", refusal.why},
                           {"times", refusal.times},
                           {"last", formatUtc(refusal.last)}});
    return {{"terminal", chain.terminal},
            {"epoch", chain.epoch},
            {"records", chain.records},
            {"last_sequence", chain.lastSequence},
            {"last_seen", formatUtc(chain.lastSeen)},
            {"missing_records", chain.missingRecords()},
            {"missing", std::move(missing)},
            {"refused", std::move(refused)}};
}

void printTables(const std::vector<ChainState>& chains, std::ostream& out) {
    Table gaps({{"terminal"},
                {"epoch", 0, true},
                {"records", 0, true},
                {"last", 0, true},
                {"missing", 0, true},
                {"last seen"},
                {"missing sequences"}});
    Table refused({{"refused"}, {"times", 0, true}, {"last time"}, {"why"}});
    bool anyRefused = false;
    for (const auto& chain : chains) {
        gaps.add({chain.terminal, std::to_string(chain.epoch), std::to_string(chain.records),
                  std::to_string(chain.lastSequence), std::to_string(chain.missingRecords()),
                  formatUtc(chain.lastSeen), rangesText(chain)});
        for (const auto& refusal : chain.refused) {
            refused.add(
                {chain.terminal + "-" + std::to_string(chain.epoch) + "-" + std::to_string(refusal.sequence),
                 std::to_string(refusal.times), formatUtc(refusal.last), refusal.why});
            anyRefused = true;
        }
    }
    gaps.print(out, true);
    if (!anyRefused)
        return;
    out << '\n';
    refused.print(out, true);
}

// Of a status nothing is sure but that it is JSON. What nests deeper than any status does is left out:
// printing it would take as much of the stack.
Json readStatus(const std::string& text) {
    constexpr int deepest = 8;
    const auto watch = [](int depth, Json::parse_event_t, const Json&) { return depth < deepest; };
    return Json::parse(text, watch, false);
}

// As it is written there; empty where no single value is.
std::string textAt(const Json& status, const char* pointer) {
    constexpr std::size_t most = 40;
    const Json::json_pointer place(pointer);
    if (!status.contains(place) || !status[place].is_primitive() || status[place].is_null())
        return {};
    const auto text = status[place].dump(-1, ' ', true); // no control characters
    return text.starts_with('"') ? text.substr(1, std::min(text.size() - 2, most)) : text.substr(0, most);
}

std::vector<std::string> alarmsOf(const Json& status) {
    std::vector<std::string> alarms;
    if (auto error = textAt(status, "/store_error"); !error.empty())
        alarms.push_back("cannot write: " + error);
    if (const auto lost = textAt(status, "/replaced/unreadable"); !lost.empty() && lost != "0")
        alarms.push_back("records that nobody can read: " + lost);
    return alarms;
}

std::vector<std::string> rowOf(const collector::TerminalStatus& told, const Json& status,
                               const std::vector<std::string>& alarms) {
    std::string text;
    for (const auto& alarm : alarms)
        text += (text.empty() ? "" : "; ") + alarm;
    return {told.terminal,
            formatUtc(told.received),
            textAt(status, "/version"),
            textAt(status, "/records/pending"),
            textAt(status, "/records/dead"),
            textAt(status, "/time/trust"),
            textAt(status, "/locked"),
            text};
}

} // namespace

Result<bool> printGaps(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                       std::ostream& out) {
    auto chains = ledger.chains();
    if (!chains)
        return failWith(chains);
    if (!terminal.empty())
        std::erase_if(*chains, [&](const ChainState& chain) { return chain.terminal != terminal; });
    if (asJson) {
        auto all = Json::array();
        for (const auto& chain : *chains)
            all.push_back(gapsOf(chain));
        out << all.dump(2) << '\n';
    } else {
        printTables(*chains, out);
    }
    return std::ranges::all_of(*chains, [](const ChainState& chain) {
        return chain.missingRecords() == 0 && chain.refused.empty();
    });
}

Result<void> printRecords(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                          std::ostream& out) {
    return ledger.read(terminal, [&](const collector::SettledRecord& settled) {
        const auto& record = settled.record;
        const auto written = formatUtc(wallFromUnixMilliseconds(record.wallMs));
        if (asJson)
            out << Json{{"terminal", settled.terminal},
                        {"epoch", settled.epoch},
                        {"sequence", record.sequence},
                        {"class", record.recordClass},
                        {"kind", record.kind},
                        {"written", written},
                        {"received", formatUtc(settled.received)},
                        {"receipt", settled.receipt}}
                       .dump()
                << '\n';
        else
            out << settled.terminal << '-' << settled.epoch << '-' << record.sequence << "  " << written
                << "  " << record.recordClass << "  " << record.kind << "  " << settled.receipt << '\n';
    });
}

Result<bool> printStatuses(collector::Ledger& ledger, const std::string& terminal, bool asJson,
                           std::ostream& out) {
    const auto statuses = ledger.statuses();
    if (!statuses)
        return failWith(statuses);
    Table table({{"terminal"},
                 {"last heard"},
                 {"version"},
                 {"pending", 0, true},
                 {"dead", 0, true},
                 {"clock"},
                 {"locked"},
                 {"alarms"}});
    auto all = Json::array();
    bool quiet = true;
    for (const auto& one : *statuses) {
        if (!terminal.empty() && one.terminal != terminal)
            continue;
        auto status = readStatus(one.status);
        auto alarms = alarmsOf(status);
        quiet = quiet && alarms.empty();
        table.add(rowOf(one, status, alarms));
        all.push_back({{"terminal", one.terminal},
                       {"received", formatUtc(one.received)},
                       {"alarms", std::move(alarms)},
                       {"status", std::move(status)}});
    }
    if (asJson)
        out << all.dump(2, ' ', true, Json::error_handler_t::replace) << '\n'; // whatever it says of itself
    else
        table.print(out, true);
    return quiet;
}

Result<bool> printUnsettled(collector::Ledger& ledger, std::ostream& out) {
    for (std::int64_t last = 0;;) {
        const auto message = ledger.unsettledAfter(last);
        if (!message)
            return failWith(message);
        if (!*message)
            return last == 0;
        last = (*message)->number;
        out << last << "  " << formatUtc((*message)->received) << "  " << (*message)->subject << "  "
            << (*message)->why << '\n';
    }
}

} // namespace ykt::tools
