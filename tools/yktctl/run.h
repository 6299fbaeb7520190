// How a command of yktctl is registered and how it ends.
#pragma once

#include "base/result.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

namespace ykt::tools {

// The program's exit status; docs/yktctl.md.
enum class Ending {
    done = 0,
    no = 1,         // not found, malformed, refused, not verified
    bad_usage = 2,  // the command line cannot be understood
    cannot_ask = 3, // nobody to ask, or a file that cannot be read
    no_service = 4, // pcscd is not running
    no_reader = 5,  // no reader, or none of that name
    several_readers = 6,
    no_card = 7,
    wrong_card = 8, // none of the applications that were asked for
};

// What the command line chose to do.
using Run = std::function<Ending()>;

// Runs `action` with `options`, which the command's options fill, if the command is chosen.
template <typename Options>
void onChosen(CLI::App& command, Run& run, std::shared_ptr<Options> options,
              Ending (*action)(const Options&)) {
    command.callback([&run, options = std::move(options), action] {
        run = [options, action] { return action(*options); };
    });
}

// Tells a person on stderr what went wrong, and how the program ends because of it.
Ending complain(const Error& error);
Ending endingOf(Reason reason);
Ending worse(Ending a, Ending b);

// The groups of commands, one file each.
void addPanelCommands(CLI::App& app, Run& run);
void addTerminalCommands(CLI::App& app, Run& run);
void addKeyCommands(CLI::App& app, Run& run);
void addCatalogueCommands(CLI::App& app, Run& run);
void addWorldCommands(CLI::App& app, Run& run);
void addSymbolCommand(CLI::App& app, Run& run);
void addCodeCommand(CLI::App& app, Run& run);
void addCardDataCommands(CLI::App& app, Run& run);
void addCardHeaderCommands(CLI::App& app, Run& run);
void addCardCommands(CLI::App& app, Run& run);
void addApduCommand(CLI::App& app, Run& run);

} // namespace ykt::tools
