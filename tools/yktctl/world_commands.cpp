// The simulated world in front of the terminal: its cards, its codes and its network.
#include "tools/yktctl/local_service.h"
#include "tools/yktctl/outcome_table.h"
#include "tools/yktctl/run.h"
#include "tools/yktctl/table.h"

#include <filesystem>
#include <iostream>
#include <optional>

namespace ykt::tools {
namespace {

struct WorldOptions {
    std::filesystem::path socket;
    bool json = false;
    std::string what; // card, code, or "up" and "down"
    std::optional<unsigned> pullAt;
    bool acted = false; // the card carries out the command at which it is pulled
};

// A presentation may wait for a card that is asked for again.
constexpr Milliseconds timeout{30'000};

// Done if the terminal accepted it; any other outcome is a no.
Ending post(const WorldOptions& options, const char* target, const Json& body) {
    const auto answer = askService(options.socket, "POST", target, body, timeout);
    if (!answer)
        return complain(answer.error());
    const auto outcome = answer->find("outcome");
    if (options.json)
        printLine(*answer);
    else if (outcome == answer->end())
        std::cout << "done\n";
    else
        printOutcomes(Json::array({*answer}), true);
    return outcome == answer->end() || *outcome == "accepted" ? Ending::done : Ending::no;
}

Ending tap(const WorldOptions& options) {
    Json body{{"card", options.what}};
    if (options.pullAt)
        body["pull_at"] = *options.pullAt;
    if (options.acted)
        body["acted"] = true;
    return post(options, "/v1/tap", body);
}

Ending showCode(const WorldOptions& options) {
    return post(options, "/v1/show-code", {{"code", options.what}});
}

Ending setBackOffice(const WorldOptions& options) {
    return post(options, "/v1/back-office", {{"reachable", options.what == "up"}});
}

Ending listMedia(const WorldOptions& options) {
    const auto media = askService(options.socket, "GET", "/v1/media");
    if (!media)
        return complain(media.error());
    if (options.json) {
        printLine(*media);
        return Ending::done;
    }
    Table table({{"PRESENT WITH"}, {"NAME"}, {"WHAT IT IS"}});
    for (const auto& card : listOf(*media, "cards"))
        table.add({"tap", textOf(card, "name"), textOf(card, "what")});
    for (const auto& code : listOf(*media, "codes"))
        table.add({"show-code", textOf(code, "name"), textOf(code, "what")});
    table.print(std::cout, true);
    return Ending::done;
}

CLI::App& addWorldCommand(CLI::App& app, Run& run, const char* name, const char* what, const char* example,
                          const std::shared_ptr<WorldOptions>& options,
                          Ending (*action)(const WorldOptions&)) {
    auto& command = *app.add_subcommand(name, what);
    command.add_option("--world", options->socket, "The simulated world's control socket")
        ->envname("YKT_WORLD")
        ->required();
    command.add_flag("--json", options->json, "Print the answer's JSON");
    command.footer(std::string("Example:\n  yktctl ") + example);
    onChosen(command, run, options, action);
    return command;
}

} // namespace

void addWorldCommands(CLI::App& app, Run& run) {
    const auto options = std::make_shared<WorldOptions>();
    addWorldCommand(app, run, "world", "What can be tapped or shown", "world --world /tmp/ykt/world.sock",
                    options, listMedia);
    auto& card = addWorldCommand(app, run, "tap", "Hold a simulated card to the terminal's reader",
                                 "tap genuine --pull-at 5", options, tap);
    card.add_option("CARD", options->what, "The card's name, as 'world' lists it")->required();
    auto* pull =
        card.add_option("--pull-at", options->pullAt, "Pull the card away at this command, counted from 0");
    card.add_flag("--acted", options->acted, "The card still carries that command out; its answer is lost")
        ->needs(pull);
    auto& code = addWorldCommand(app, run, "show-code", "Hold a simulated code to the terminal's camera",
                                 "show-code transit", options, showCode);
    code.add_option("CODE", options->what, "The code's name, as 'world' lists it")->required();
    auto& office = addWorldCommand(app, run, "back-office", "Connect or cut the simulated back office",
                                   "back-office down", options, setBackOffice);
    office.add_option("STATE", options->what, "up or down")->required()->check(CLI::IsMember({"up", "down"}));
}

} // namespace ykt::tools
