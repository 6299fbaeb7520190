#include "tools/yktctl/outcome_table.h"

#include "tools/yktctl/table.h"

#include <cstdio>
#include <iostream>

namespace ykt::tools {
namespace {

std::string millisecondsOf(const Json& outcome, const char* name) {
    const auto found = outcome.find(name);
    if (found == outcome.end() || !found->is_number())
        return {};
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms", found->get<double>());
    return text;
}

std::string yuanOf(const Json& outcome, const char* name) {
    const auto fen = outcome.find(name);
    return fen != outcome.end() && fen->is_number_unsigned() ? yuan(fen->get<std::uint64_t>()) : "";
}

} // namespace

void printOutcomes(const Json& outcomes, bool withTitles) {
    Table table({{"NO", 4, true},
                 {"TIME", 24},
                 {"LANE", 8},
                 {"MEDIUM", 20},
                 {"OUTCOME", 8},
                 {"REASON", 20},
                 {"FARE", 6, true},
                 {"LEFT", 6, true},
                 {"DECIDED", 9, true},
                 {"RECEIPT", 18},
                 {"HOLDER IS TOLD"}});
    for (const auto& outcome : outcomes) {
        if (!outcome.is_object())
            continue;
        table.add({textOf(outcome, "number"), textOf(outcome, "at"), textOf(outcome, "lane"),
                   textOf(outcome, "medium"), textOf(outcome, "outcome"), textOf(outcome, "reason"),
                   yuanOf(outcome, "fare_fen"), yuanOf(outcome, "balance_fen"),
                   millisecondsOf(outcome, "decision_ms"), textOf(outcome, "receipt"),
                   textOf(objectOf(outcome, "holder_text"), "zh")});
    }
    table.print(std::cout, withTitles);
}

} // namespace ykt::tools
