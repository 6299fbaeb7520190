#include "tools/demo/demo.h"

#include "tools/demo/day.h"
#include "tools/demo/playground.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>

namespace ykt::demo {
namespace {

constexpr Milliseconds startLimit{30'000};

} // namespace

std::optional<DemoOptions> parseOptions(int argc, char** argv, std::string_view what, int& exitCode) {
    DemoOptions options;
    CLI::App app{std::string(what)};
    app.add_option("--folder", options.folder, "Where the world lives; emptied first")->required();
    app.add_option("--profiles", options.profiles, "The project's firmware/profiles")->required();
    app.add_option("--yktctl", options.yktctl, "How to call yktctl, for the hints of --keep")
        ->default_val("yktctl");
    app.add_flag("--keep", options.keep, "Leave everything running afterwards");
    app.footer(
        "Exit code: 0 the day went as it must and the ledger equals the journal, 1 it did not, 2 bad usage.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        exitCode = app.exit(error) == 0 ? 0 : 2;
        return std::nullopt;
    }
    return options;
}

void blockStopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int complain(const Error& error) {
    std::fprintf(stderr, "demo: %s\n", explain(error).c_str());
    return 1;
}

int runDay(World& world, CardSlot& slot, PowerSwitch& power, const DemoOptions& options) {
    Presenter presenter(world, slot, world.terminalFolder() / "state" / "panel.sock");
    if (const auto ready = presenter.waitUntilReady(startLimit); !ready)
        return complain(ready.error());
    std::printf("The terminal is ready. All cards, codes, holders and keys are simulated.\n");
    const auto steps = playDay(world, presenter, power);
    if (!steps)
        return complain(steps.error());

    printTable(*steps, world.backOffice().rows());
    const auto complaints = auditDay(world, presenter, *steps, {world.folder() / "yktd.log"});
    for (const auto& complaint : complaints)
        std::printf("WRONG: %s\n", complaint.c_str());
    if (complaints.empty())
        std::printf(
            "\nThe back office's ledger equals the terminal's journal: %zu records, each once, in an "
            "unbroken "
            "chain.\nWhat left each purse is what the back office settled, to the fen, each debit with "
            "the card's code.\nThe gate opened once for each acceptance.\n",
            world.backOffice().rows().size());
    if (options.keep)
        if (const auto played = playUntilInterrupted(world, presenter, options.yktctl); !played)
            return complain(played.error());
    return complaints.empty() ? 0 : 1;
}

} // namespace ykt::demo
