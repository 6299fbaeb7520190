// The account at the end of the day: the table, and what must agree with what.
#include "tools/demo/day.h"

#include <algorithm>
#include <array>
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

std::string oneDecimal(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value);
    return text.data();
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
    auto records = journal->value("records", json::array());
    std::reverse(records.begin(), records.end()); // the panel tells the newest first
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

// The records for which somebody was let through. A debit that nobody rode for has admitted = false.
std::vector<const sim::LedgerRow*> ridesOf(const std::vector<sim::LedgerRow>& ledger) {
    std::vector<const sim::LedgerRow*> rides;
    for (const auto& row : ledger)
        if (row.kind == "bus.ride" && json::parse(row.payload, nullptr, false).value("admitted", true))
            rides.push_back(&row);
    return rides;
}

void compareFares(std::vector<std::string>& complaints, const std::vector<PlayedStep>& steps,
                  const std::vector<sim::LedgerRow>& ledger) {
    std::uint64_t shown = 0;
    std::uint64_t settled = 0;
    for (const auto& step : steps)
        shown += step.fareFen;
    for (const auto* ride : ridesOf(ledger))
        settled += json::parse(ride->payload, nullptr, false).value("fare_fen", std::uint64_t{0});
    if (shown != settled)
        complaints.push_back("fares shown to holders: " + std::to_string(shown) +
                             " fen, settled: " + std::to_string(settled) + " fen");
}

// What the purse itself says, what its holder was shown, and what the back office settled, to the fen.
void comparePurse(std::vector<std::string>& complaints, const DemoPurse& purse,
                  const std::vector<PlayedStep>& steps, const std::vector<sim::PurseLine>& lines) {
    const auto left = purse.balanceAtFirst - purse.purse->state().balanceFen;
    std::int64_t shown = 0;
    for (const auto& step : steps) {
        if (step.medium != purse.card)
            continue;
        shown += static_cast<std::int64_t>(step.fareFen);
        if (step.balanceFen && *step.balanceFen != purse.balanceAtFirst - shown)
            complaints.push_back(step.title + ": a wrong balance was shown");
    }
    std::int64_t settled = 0;
    for (const auto& line : lines) {
        if (line.serial != purse.serial.substr(4))
            continue;
        if (line.state == sim::PurseLine::State::unresolved)
            complaints.push_back(purse.card + ": a debit is unresolved");
        if (line.state == sim::PurseLine::State::settled && !line.proven)
            complaints.push_back(purse.card + ": a debit without the card's transaction code");
        if (line.state == sim::PurseLine::State::settled)
            settled += line.amountFen;
    }
    if (left != settled || left != shown)
        complaints.push_back(purse.card + ": " + std::to_string(left) + " fen left the purse, " +
                             std::to_string(shown) + " fen were shown, " + std::to_string(settled) +
                             " fen settled");
}

// A code that was taken on trust while the back office was away is verified when its record arrives.
void compareDeferred(std::vector<std::string>& complaints, const std::vector<sim::LedgerRow>& ledger) {
    const auto deferred = [](bool holds) {
        return [holds](const sim::LedgerRow& row) { return row.deferredCodeHolds == holds; };
    };
    if (std::ranges::count_if(ledger, deferred(true)) != 1 || std::ranges::any_of(ledger, deferred(false)))
        complaints.emplace_back("the electronic card that rode on trust was not found good afterwards");
}

// The record of an acceptance is written before the gate moves: its wall time is never later than the gate's.
void compareGate(std::vector<std::string>& complaints, const std::filesystem::path& actuations,
                 const std::vector<PlayedStep>& steps, const std::vector<sim::LedgerRow>& ledger) {
    std::vector<std::int64_t> opened;
    for (const auto& line : jsonLines(actuations))
        if (line.is_object() && line.value("actuator", "") == "gate")
            opened.push_back(line.value("wall_ms", std::int64_t{0}));
    const auto rides = ridesOf(ledger);
    const auto accepted =
        static_cast<std::size_t>(std::ranges::count(steps, "accepted", &PlayedStep::outcome));
    if (opened.size() != rides.size() || opened.size() != accepted)
        return complaints.push_back("the gate opened " + std::to_string(opened.size()) + " times for " +
                                    std::to_string(accepted) + " acceptances and " +
                                    std::to_string(rides.size()) + " rides");
    for (std::size_t i = 0; i < opened.size(); ++i)
        if (opened[i] < unixMilliseconds(rides[i]->wall))
            complaints.push_back("the gate opened before record " + std::to_string(rides[i]->sequence) +
                                 " was written");
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
    compareDeferred(complaints, ledger);
    const auto lines = world.backOffice().purseLines();
    for (const auto& purse : world.purses())
        comparePurse(complaints, purse, steps, lines);
    compareGate(complaints, world.terminalFolder() / "state" / "actuators.log", steps, ledger);
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
    std::printf("\n%-2s  %-28s  %-8s  %-20s  %7s  %8s  %4s  %5s  %-16s  %s\n", "", "presentation", "decision",
                "reason", "ms", "recorded", "fen", "left", "receipt", "settled");
    int number = 0;
    for (const auto& step : steps) {
        const auto row = std::ranges::find(ledger, step.sequence, &sim::LedgerRow::sequence);
        const auto settled = step.sequence == 0    ? std::string("-")
                             : row == ledger.end() ? std::string("NO")
                             : step.offline        ? "yes, after the outage"
                                                   : std::string("yes");
        const auto left = step.balanceFen ? std::to_string(*step.balanceFen) : "-";
        const auto recorded = step.sequence == 0 ? std::string("-") : oneDecimal(step.commitMs);
        std::printf("%2d  %-28s  %-8s  %-20s  %7s  %8s  %4llu  %5s  %-16s  %s\n", ++number,
                    step.title.c_str(), step.outcome.c_str(), step.reason.empty() ? "-" : step.reason.c_str(),
                    oneDecimal(step.decisionMs).c_str(), recorded.c_str(),
                    static_cast<unsigned long long>(step.fareFen), left.c_str(),
                    step.receipt.empty() ? "-" : step.receipt.c_str(), settled.c_str());
    }
}

} // namespace ykt::demo
