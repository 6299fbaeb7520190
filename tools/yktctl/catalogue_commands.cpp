// The catalogue in force, and signed catalogues before they are published.
#include "base/hex.h"
#include "firmware/policy/catalogue.h"
#include "offline_store/bulletin.h"
#include "tools/yktctl/input_file.h"
#include "tools/yktctl/local_service.h"
#include "tools/yktctl/panel_options.h"
#include "tools/yktctl/table.h"

#include <iostream>

namespace ykt::tools {
namespace {

namespace policy = firmware::policy;
namespace identity = firmware::identity;

struct VerifyOptions {
    std::filesystem::path file;
    std::string publisher;
    bool json = false;
};

template <typename Range, typename Name>
std::string joined(const Range& range, Name nameOfItem) {
    std::string text;
    for (const auto& item : range)
        text += (text.empty() ? "" : ", ") + std::string(nameOfItem(item));
    return text;
}

std::string listAge(const policy::OfflineRule& rule) {
    const auto seconds = rule.longestListAge.count();
    return seconds % 3600 == 0 ? std::to_string(seconds / 3600) + " h" : std::to_string(seconds) + " s";
}

void printServices(const policy::Catalogue& catalogue) {
    Table table({{"SERVICE"},
                 {"NAME"},
                 {"SCENE"},
                 {"MEDIA"},
                 {"PROOF"},
                 {"REGIONS"},
                 {"OFFLINE"},
                 {"LISTS"},
                 {"RECORD"}});
    for (const auto& service : catalogue.services())
        table.add({service.id, service.name.zh, service.scene,
                   joined(service.media, [](identity::Medium medium) { return identity::nameOf(medium); }),
                   std::string(identity::nameOf(service.minimumAssurance)),
                   joined(service.regions, [](const std::string& region) { return region; }),
                   service.offline.allowed ? "yes" : "no", listAge(service.offline),
                   std::string(offline_store::nameOf(service.recordClass))});
    table.print(std::cout, true);
}

// `head` has version, not_before, not_after and body, as the panel gives them.
Ending printCatalogue(const Json& head) {
    const auto catalogue = policy::Catalogue::parse(oneLine(objectOf(head, "body")));
    if (!catalogue)
        return complain(catalogue.error());
    auto table = Table::ofFields();
    for (const auto* name : {"version", "not_before", "not_after"})
        table.add({name, textOf(head, name)});
    table.print(std::cout, false);
    std::cout << '\n';
    printServices(*catalogue);
    return Ending::done;
}

Ending show(const PanelOptions& options) {
    const auto answer = askService(options.socket, "GET", "/v1/catalogue");
    if (!answer)
        return complain(answer.error());
    if (!options.json)
        return printCatalogue(*answer);
    printLine(*answer);
    return Ending::done;
}

// A point in hexadecimal, or the name of a file that holds one.
Result<crypto::Sm2PublicKey> publisherKey(const std::string& text) {
    if (const auto point = fromHex(text))
        if (auto key = crypto::Sm2PublicKey::fromPoint(*point))
            return key;
    const auto content = readInput(text);
    if (!content)
        return failWith(content);
    const auto point = fromHex(toText(*content));
    if (!point)
        return fail(Reason::key_invalid, text);
    return crypto::Sm2PublicKey::fromPoint(*point);
}

Result<Json> openCatalogue(const VerifyOptions& options) {
    const auto key = publisherKey(options.publisher);
    if (!key)
        return failWith(key);
    const auto content = readInput(options.file);
    if (!content)
        return failWith(content);
    const auto bulletin = offline_store::openBulletin(*content, *key);
    if (!bulletin)
        return failWith(bulletin);
    if (bulletin->kind != "catalogue")
        return fail(Reason::bulletin_malformed, "kind is not 'catalogue'");
    if (const auto catalogue = policy::Catalogue::parse(bulletin->body); !catalogue)
        return failWith(catalogue);
    return Json{{"kind", bulletin->kind},
                {"version", bulletin->version},
                {"not_before", formatUtc(bulletin->notBefore)},
                {"not_after", formatUtc(bulletin->notAfter)},
                {"body", Json::parse(bulletin->body)}};
}

Ending verify(const VerifyOptions& options) {
    const auto head = openCatalogue(options);
    if (!head)
        return complain(head.error());
    if (!options.json)
        return printCatalogue(*head);
    printLine(*head);
    return Ending::done;
}

} // namespace

void addCatalogueCommands(CLI::App& app, Run& run) {
    auto& group = *app.add_subcommand("catalogue", "The published catalogue of services");
    group.require_subcommand(1);
    group.footer("Example:\n  yktctl catalogue show");

    auto& shown = *group.add_subcommand("show", "The catalogue that the terminal goes by");
    auto panelOptions = std::make_shared<PanelOptions>();
    addPanelOptions(shown, *panelOptions);
    shown.footer("Example:\n  yktctl catalogue show --json");
    onChosen(shown, run, panelOptions, show);

    auto& verified = *group.add_subcommand("verify", "Check a signed catalogue: signature, form and content");
    auto options = std::make_shared<VerifyOptions>();
    verified.add_option("FILE", options->file, "The signed bulletin")->required();
    verified
        .add_option("--publisher", options->publisher,
                    "The publisher's SM2 public key: a point in hexadecimal, or a file with one")
        ->required();
    verified.add_flag("--json", options->json, "Print the catalogue as JSON");
    verified.footer("Example:\n  yktctl catalogue verify catalogue-7.json --publisher publisher.pub");
    onChosen(verified, run, options, verify);
}

} // namespace ykt::tools
