// Raw APDUs to the card in a reader.
#include "apdu/exclusive.h"
#include "base/hex.h"
#include "tools/yktctl/apdu_names.h"
#include "tools/yktctl/card_session.h"

#include <iostream>

namespace ykt::tools {
namespace {

struct ApduOptions : CardOptions {
    std::vector<std::string> commands;
};

Result<std::vector<Bytes>> commandsFrom(const std::vector<std::string>& texts) {
    std::vector<Bytes> commands;
    for (const auto& text : texts) {
        auto bytes = fromHex(text);
        if (!bytes)
            return failWith(bytes);
        if (!apdu::Command::decode(*bytes))
            return fail(Reason::input_malformed,
                        "command " + std::to_string(commands.size() + 1) + " is not a command of ISO 7816-4");
        commands.push_back(std::move(*bytes));
    }
    return commands;
}

void print(ByteView command, ByteView answer) {
    const auto name = nameOfCommand(apdu::Command::decode(command).value_or(apdu::Command{}));
    std::cout << "> " << toHex(command) << (name.empty() ? "" : "  " + name) << '\n';
    const auto response = apdu::Response::decode(answer);
    std::cout << "< " << toHex(answer);
    if (response) {
        const auto meaning = meaningOf(response->status);
        std::cout << "  " << (meaning.empty() ? "status not known" : meaning);
    }
    std::cout << std::endl;
}

Ending send(hal::CardConnection& card, const std::vector<Bytes>& commands) {
    const auto exclusive = apdu::Exclusive::begin(card);
    if (!exclusive)
        return complainOfCard(exclusive.error());
    for (const auto& command : commands) {
        const auto answer = card.transmit(command);
        if (!answer)
            return complainOfCard(answer.error());
        print(command, *answer);
    }
    return Ending::done;
}

Ending sendAll(const ApduOptions& options) {
    const auto commands = commandsFrom(options.commands);
    if (!commands)
        return complain(commands.error());
    const auto session = CardSession::open(options);
    if (!session)
        return session.error();
    return (*session)->finish(send((*session)->card(), *commands));
}

} // namespace

void addApduCommand(CLI::App& app, Run& run) {
    auto& command = *app.add_subcommand(
        "apdu", "Send raw APDUs to the card in a reader, in one session that no other program enters");
    const auto options = std::make_shared<ApduOptions>();
    command.add_option("HEX", options->commands, "Commands in hexadecimal, sent in this order")->required();
    addReaderOption(command, *options);
    addTraceOption(command, *options);
    command.footer("What is printed is not masked, what --trace writes is. 61xx and 6Cxx are not followed.\n"
                   "Ends at the first error of card, reader or service; a status word is an answer.\n"
                   "Example:\n  yktctl apdu 00A404000F7378312E73682EC9E7BBE1B1A3D5CF00 00B2032806");
    onChosen(command, run, options, sendAll);
}

} // namespace ykt::tools
