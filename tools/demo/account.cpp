// The account at the end of the day: the table, and what must agree with what.
#include "tools/demo/day.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace ykt::demo {
namespace {

using nlohmann::json;

std::string readWhole(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<json> jsonLines(const std::filesystem::path& file) {
    std::vector<json> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
        lines.push_back(json::parse(line, nullptr, false));
    return lines;
}

void compareWithJournal(std::vector<std::string>& complaints, Presenter& presenter,
                        const std::vector<sim::LedgerRow>& ledger) {
    const auto journal = presenter.askPanel("/v1/journal?most=10000", Milliseconds{10'000});
    if (!journal)
        return complaints.push_back("the journal cannot be read: " + explain(journal.error()));
    const auto records = journal->value("records", json::array());
    if (records.size() != ledger.size())
        complaints.push_back("the journal has " + std::to_string(records.size()) + " records, the ledger " +
                             std::to_string(ledger.size()));
    for (std::size_t i = 0; i < std::min(records.size(), ledger.size()); ++i) {
        const auto& record = records[i];
        const auto& row = ledger[i];
        if (record.value("sequence", std::uint64_t{0}) != row.sequence ||
            record.value("kind", "") != row.kind || record.value("class", "") != row.recordClass)
            complaints.push_back("record " + record.value("id", "?") + " differs from the ledger's row");
        if (record.value("state", "") != "acknowledged" || record.value("note", "") != row.receipt)
            complaints.push_back("record " + record.value("id", "?") +
                                 " does not hold the back office's receipt");
    }
}

void compareFares(std::vector<std::string>& complaints, const std::vector<PlayedStep>& steps,
                  const std::vector<sim::LedgerRow>& ledger) {
    std::uint64_t shown = 0;
    std::uint64_t settled = 0;
    for (const auto& step : steps)
        shown += step.fareFen;
    for (const auto& row : ledger)
        settled += json::parse(row.payload, nullptr, false).value("fare_fen", std::uint64_t{0});
    if (shown != settled)
        complaints.push_back("fares shown to holders: " + std::to_string(shown) +
                             " fen, settled: " + std::to_string(settled) + " fen");
}

// The record of an acceptance is written before the gate moves: its wall time is never later than the gate's.
void compareGate(std::vector<std::string>& complaints, const std::filesystem::path& actuations,
                 const std::vector<sim::LedgerRow>& ledger) {
    std::vector<std::int64_t> opened;
    for (const auto& line : jsonLines(actuations))
        if (line.is_object() && line.value("actuator", "") == "gate")
            opened.push_back(line.value("wall_ms", std::int64_t{0}));
    std::vector<std::int64_t> written;
    for (const auto& row : ledger)
        if (row.kind == "bus.ride")
            written.push_back(unixMilliseconds(row.wall));
    if (opened.size() != written.size())
        return complaints.push_back("the gate opened " + std::to_string(opened.size()) + " times for " +
                                    std::to_string(written.size()) + " rides");
    for (std::size_t i = 0; i < opened.size(); ++i)
        if (opened[i] < written[i])
            complaints.push_back("the gate opened before record " + std::to_string(i + 1) + " was written");
}

} // namespace

std::vector<std::string> auditDay(World& world, Presenter& presenter, const std::vector<PlayedStep>& steps,
                                  const std::vector<std::filesystem::path>& logs) {
    const auto ledger = world.backOffice().rows();
    auto complaints = world.backOffice().audit(); // gaps and broken chains
    for (const auto& step : steps)
        if (!step.asExpected)
            complaints.push_back(step.title + ": not the expected decision");
    compareWithJournal(complaints, presenter, ledger);
    compareFares(complaints, steps, ledger);
    compareGate(complaints, world.terminalFolder() / "state" / "actuators.log", ledger);
    for (const auto& log : logs) {
        const auto text = readWhole(log);
        if (text.empty())
            complaints.push_back(log.filename().string() +
                                 " is empty: nothing was checked for personal data");
        for (const auto& personal : world.personalData())
            if (text.find(personal) != std::string::npos)
                complaints.push_back("personal data in " + log.filename().string());
    }
    return complaints;
}

void printTable(const std::vector<PlayedStep>& steps, const std::vector<sim::LedgerRow>& ledger) {
    std::printf("\n%-2s  %-28s  %-9s  %-18s  %9s  %6s  %-18s  %s\n", "", "presentation", "decision", "reason",
                "ms", "fen", "receipt", "settled");
    int number = 0;
    for (const auto& step : steps) {
        const auto row = std::ranges::find(ledger, step.sequence, &sim::LedgerRow::sequence);
        const auto settled = step.sequence == 0    ? std::string("-")
                             : row == ledger.end() ? std::string("NO")
                             : step.offline        ? "yes, after the outage"
                                                   : std::string("yes");
        std::printf("%2d  %-28s  %-9s  %-18s  %9.1f  %6llu  %-18s  %s\n", ++number, step.title.c_str(),
                    step.outcome.c_str(), step.reason.empty() ? "-" : step.reason.c_str(), step.decisionMs,
                    static_cast<unsigned long long>(step.fareFen),
                    step.receipt.empty() ? "-" : step.receipt.c_str(), settled.c_str());
    }
}

} // namespace ykt::demo
