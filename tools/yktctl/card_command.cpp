// A real card in a reader, read as far as it can be without keys.
#include "tools/yktctl/card_report.h"
#include "tools/yktctl/card_session.h"

#include <algorithm>

namespace ykt::tools {
namespace {

Ending read(const CardOptions& options) {
    const auto session = CardSession::open(options);
    if (!session)
        return session.error();
    apdu::Channel channel((*session)->card());
    const auto read = readCard(channel);
    if (!read)
        return (*session)->finish(complainOfCard(read.error()));
    Json report{{"reader", (*session)->reader()}};
    report.update(*read);
    if (options.json)
        printLine(report);
    else
        printReport(report);
    const bool failed =
        std::ranges::any_of(report, [](const Json& section) { return section.contains("error"); });
    return (*session)->finish(failed ? Ending::no : Ending::done);
}

} // namespace

void addCardCommands(CLI::App& app, Run& run) {
    auto& card = *app.add_subcommand("card", "Cards in a PC/SC reader");
    card.require_subcommand(1);
    auto& command = *card.add_subcommand(
        "read", "Read what the card in a reader has, names and numbers covered; nothing is authenticated");
    const auto options = std::make_shared<CardOptions>();
    addReaderOption(command, *options);
    addTraceOption(command, *options);
    command.add_option("--replay", options->replay, "Read a trace file in place of a card");
    command.add_flag("--json", options->json, "Print one JSON object");
    command.footer("Examples:\n  yktctl card read --reader ACR122 --trace card.trace\n"
                   "  yktctl card read --replay card.trace --json");
    onChosen(command, run, options, read);
}

} // namespace ykt::tools
