// yktctl: asks a terminal, drives the simulated world, and takes foreign data apart.
#include "tools/yktctl/run.h"

int main(int argc, char** argv) {
    using namespace ykt::tools;
    CLI::App app{
        "Asks a terminal, drives the simulated world, reads cards, and takes codes and card data apart."};
    app.require_subcommand(1);
    app.footer(
        "Exit status: 0 done; 1 the answer is no (not found, malformed, refused, not verified);\n"
        "2 bad usage; 3 cannot be asked (no panel, unreadable file); for cards 4 no pcscd, 5 no reader,\n"
        "6 several readers match, 7 no card, 8 not a card of these.\n"
        "'yktctl COMMAND --help' shows the command's options and an example.");
    Run run;
    addPanelCommands(app, run);
    addTerminalCommands(app, run);
    addKeyCommands(app, run);
    addCatalogueCommands(app, run);
    addWorldCommands(app, run);
    addSymbolCommand(app, run);
    addCodeCommand(app, run);
    addCardDataCommands(app, run);
    addCardHeaderCommands(app, run);
    addCardCommands(app, run);
    addApduCommand(app, run);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(Ending::bad_usage);
    }
    return static_cast<int>(run());
}
