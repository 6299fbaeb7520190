// What is told to the terminal: a PIN that a lane waits for, and where the vehicle is.
#include "tools/yktctl/local_service.h"
#include "tools/yktctl/panel_options.h"

#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace ykt::tools {
namespace {

struct PositionOptions : PanelOptions {
    std::uint16_t line = 0;
    unsigned direction = 0;
    unsigned station = 0;
};

// Keeps what is typed from showing, where standard input is a terminal.
class NoEcho {
  public:
    NoEcho() : terminal_(tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!terminal_)
            return;
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
        std::cerr << "PIN: " << std::flush;
    }
    ~NoEcho() {
        if (!terminal_)
            return;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        std::cerr << '\n';
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;

  private:
    termios before_{};
    bool terminal_;
};

void wipeText(std::string& text) {
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
}

Ending givePin(const PanelOptions& options) {
    std::string digits;
    {
        const NoEcho noEcho;
        std::getline(std::cin, digits);
    }
    Json body{{"pin", digits}};
    wipeText(digits);
    const auto given = askService(options.socket, "POST", "/v1/pin", body);
    wipeText(body["pin"].get_ref<std::string&>());
    if (!given)
        return complain(given.error());
    if (options.json)
        printLine(*given);
    else
        std::cout << "handed to the lane that asked; see 'yktctl outcomes'\n";
    return Ending::done;
}

Ending setPosition(const PositionOptions& options) {
    const auto set = askService(
        options.socket, "POST", "/v1/position",
        Json{{"line", options.line}, {"direction", options.direction}, {"station", options.station}});
    if (!set)
        return complain(set.error());
    if (options.json)
        printLine(*set);
    return Ending::done;
}

} // namespace

void addTerminalCommands(CLI::App& app, Run& run) {
    auto& pin =
        *app.add_subcommand("pin", "Hand the holder's PIN, read from standard input, to the lane that asked");
    auto pinOptions = std::make_shared<PanelOptions>();
    addPanelOptions(pin, *pinOptions);
    pin.footer("The card gets it once; nothing repeats it.\nExample:\n  yktctl pin");
    onChosen(pin, run, pinOptions, givePin);

    auto& position = *app.add_subcommand("position", "Tell the terminal where its vehicle is");
    auto positionOptions = std::make_shared<PositionOptions>();
    addPanelOptions(position, *positionOptions);
    position.add_option("--line", positionOptions->line, "Number of the line")->required();
    position.add_option("--direction", positionOptions->direction, "0 outbound, 1 inbound")
        ->check(CLI::Range(0, 1))
        ->capture_default_str();
    position.add_option("--station", positionOptions->station, "Number of the stop on the line, from 1")
        ->check(CLI::Range(0, 255))
        ->required();
    position.footer("Example:\n  yktctl position --line 1 --station 7");
    onChosen(position, run, positionOptions, setPosition);
}

} // namespace ykt::tools
