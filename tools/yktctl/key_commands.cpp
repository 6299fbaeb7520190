// The terminal's keys: over its panel while it works, or in their file while it stands still.
#include "firmware/keys/key_list.h"
#include "firmware/keys/key_store.h"
#include "tools/yktctl/local_service.h"
#include "tools/yktctl/panel_options.h"
#include "tools/yktctl/table.h"

#include <iostream>

namespace ykt::tools {
namespace {

namespace keys = firmware::keys;

struct KeyOptions : PanelOptions {
    std::filesystem::path file;
    std::string from;
    std::string to;
};

// Of the file that is named, else what the panel says.
Result<Json> listOfKeys(const KeyOptions& options) {
    if (options.file.empty())
        return askService(options.socket, "GET", "/v1/keys");
    const auto content = keys::readKeyStore(options.file);
    if (!content)
        return failWith(content);
    return Json::parse(keys::keyList(*content).dump());
}

Ending listKeys(const KeyOptions& options) {
    const auto list = listOfKeys(options);
    if (!list)
        return complain(list.error());
    if (options.json) {
        printLine(*list);
        return Ending::done;
    }
    Table table({{"KEY"}, {"FROM"}, {"UNTIL"}, {"SERIAL"}});
    table.add({"key encryption: " + textOf(*list, "kek"), "", "", ""});
    for (const auto& key : listOf(*list, "data_keys"))
        table.add({"data key " + textOf(key, "number"), textOf(key, "made"), "", ""});
    for (const auto& identity : listOf(*list, "identities"))
        table.add({"certificate of " + textOf(identity, "common_name"), textOf(identity, "not_before"),
                   textOf(identity, "not_after"), textOf(identity, "serial")});
    table.print(std::cout, true);
    return Ending::done;
}

Ending post(const KeyOptions& options, const char* target, const char* said, const char* member) {
    constexpr Milliseconds patience{120'000}; // pruning reads the whole journal
    const auto answer = askService(options.socket, "POST", target, Json::object(), patience);
    if (!answer)
        return complain(answer.error());
    if (options.json)
        printLine(*answer);
    else
        std::cout << said << textOf(*answer, member) << '\n';
    return Ending::done;
}

Ending rotate(const KeyOptions& options) {
    return post(options, "/v1/keys/rotate", "from now on records are sealed with data key ", "newest");
}

Ending prune(const KeyOptions& options) {
    return post(options, "/v1/keys/prune", "forgotten data keys: ", "forgotten");
}

Ending rewrap(const KeyOptions& options) {
    const auto here = std::filesystem::current_path();
    const auto from = keys::readKekSource(options.from, here);
    if (!from)
        return complain(from.error());
    const auto to = keys::readKekSource(options.to, here);
    if (!to)
        return complain(to.error());
    if (const auto done = keys::KeyStore::rewrap(options.file, *from, *to); !done)
        return complain(done.error());
    std::cout << "now name \"" << options.to << "\" as keys.kek in the profile, and restart the terminal\n";
    return Ending::done;
}

} // namespace

void addKeyCommands(CLI::App& app, Run& run) {
    auto& group = *app.add_subcommand("keys", "The terminal's keys: list, rotate, prune, rewrap");
    group.require_subcommand(1);
    group.footer("Example:\n  yktctl keys rotate");
    const auto options = std::make_shared<KeyOptions>();
    auto& list = *group.add_subcommand("list", "Data keys and certificates; nothing secret");
    addPanelOptions(list, *options);
    list.add_option("--file", options->file, "A key file, in place of the running terminal's");
    list.footer("Example:\n  yktctl keys list --file state/terminal.keys");
    onChosen(list, run, options, listKeys);
    auto& rotating = *group.add_subcommand("rotate", "A new data key for what is sealed from now on");
    addPanelOptions(rotating, *options);
    rotating.footer("Lanes go on meanwhile. Example:\n  yktctl keys rotate");
    onChosen(rotating, run, options, rotate);
    auto& pruning = *group.add_subcommand("prune", "Forget the data keys that no record needs any more");
    addPanelOptions(pruning, *options);
    pruning.footer(
        "Reads the whole journal. A database that was moved aside is not looked into: prune when it "
        "is no longer wanted.\nExample:\n  yktctl keys prune");
    onChosen(pruning, run, options, prune);
    auto& rewrapping = *group.add_subcommand("rewrap", "Put all keys of a file under another key encryption");
    rewrapping.add_option("FILE", options->file, "The key file")->required();
    rewrapping.add_option("--from", options->from, "The present one, as the profile's keys.kek has it")
        ->required();
    rewrapping.add_option("--to", options->to, "The new one")->required();
    rewrapping.footer(
        "file:PATH, tpm:TCTI, passphrase:PATH or credential:NAME, paths from here. Works beside a "
        "running\nterminal, which wants a restart with the changed profile.\nExample:\n  yktctl keys "
        "rewrap state/terminal.keys --from file:keys/kek.key --to tpm:device:/dev/tpmrm0");
    onChosen(rewrapping, run, options, rewrap);
}

} // namespace ykt::tools
