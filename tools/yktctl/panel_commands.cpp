// What the terminal's panel says: status, journal, outcomes.
#include "tools/yktctl/local_service.h"
#include "tools/yktctl/outcome_table.h"
#include "tools/yktctl/panel_options.h"
#include "tools/yktctl/table.h"

#include <iostream>

namespace ykt::tools {
namespace {

struct JournalOptions : PanelOptions {
    std::optional<std::uint64_t> from; // none: the newest
    std::uint64_t most = 100;
    std::uint64_t sequence = 0;
    std::uint32_t epoch = 0; // today's
    bool dead = false;
};

struct OutcomesOptions : PanelOptions {
    std::uint64_t after = 0;
    bool follow = false;
};

std::string sentenceOf(const Json& list) {
    if (list.empty())
        return "none installed";
    if (list.contains("error"))
        return textOf(list, "error");
    const auto confirmed = textOf(list, "confirmed");
    return "version " + textOf(list, "version") + (textOf(list, "over") == "true" ? ", over: " : ", ") +
           "until " + textOf(list, "not_after") +
           (confirmed.empty() ? ", not confirmed since the start" : ", confirmed " + confirmed);
}

void printStatus(const Json& status) {
    auto table = Table::ofFields();
    for (const auto* name : {"terminal", "place"})
        table.add({name, textOf(status, name)});
    const auto fare = status.find("fare_fen");
    const bool priced = fare != status.end() && fare->is_number_unsigned();
    table.add({"service", textOf(status, "service") +
                              (priced ? ", fare " + yuan(fare->get<std::uint64_t>()) + " yuan" : "")});
    if (textOf(status, "locked") == "true")
        table.add({"locked", "by the operator"});
    if (const auto message = objectOf(status, "message"); !message.empty())
        table.add({"message", textOf(message, "zh") + " / " + textOf(message, "en") + ", until " +
                                  textOf(message, "until")});
    table.add({"ready", textOf(status, "ready") == "true" ? "yes" : "no"});
    table.add({"link", textOf(status, "link")});
    const auto time = objectOf(status, "time");
    table.add({"time", textOf(time, "utc") + " (" + textOf(time, "trust") + ")"});
    for (const auto& [name, list] : objectOf(status, "lists").items())
        table.add({name, sentenceOf(list)});
    for (const auto& [name, state] : objectOf(status, "lanes").items())
        table.add({"lane " + name, state.is_string() ? state.get<std::string>() : oneLine(state)});
    const auto journal = objectOf(status, "journal");
    table.add({"journal", textOf(journal, "pending") + " pending, " + textOf(journal, "leased") +
                              " leased, " + textOf(journal, "acknowledged") + " acknowledged, " +
                              textOf(journal, "dead") + " dead"});
    if (const auto salvaged = textOf(journal, "salvaged"); !salvaged.empty() && salvaged != "0")
        table.add({"salvaged", salvaged + " wait"});
    if (const auto error = textOf(status, "store_error"); !error.empty())
        table.add({"store", "cannot be written: " + error});
    if (const auto replaced = objectOf(status, "replaced"); !replaced.empty())
        table.add({"store replaced", textOf(replaced, "salvaged") + " records salvaged, " +
                                         textOf(replaced, "unreadable") + " unreadable; the damaged one is " +
                                         textOf(replaced, "damaged_file") +
                                         (textOf(replaced, "told") == "true" ? ", upstream knows" : "")});
    if (const auto torn = textOf(status, "torn_debits"); !torn.empty() && torn != "0")
        table.add({"torn debits", torn + " wait for their cards"});
    for (const auto& tally : listOf(status, "tallies"))
        table.add({textOf(tally, "what"), textOf(tally, "count") + " on " + textOf(tally, "day")});
    table.add({"outcomes", textOf(status, "outcomes")});
    table.print(std::cout, false);
}

Ending showStatus(const PanelOptions& options) {
    const auto status = askService(options.socket, "GET", "/v1/status");
    if (!status)
        return complain(status.error());
    if (options.json)
        printLine(*status);
    else
        printStatus(*status);
    return Ending::done;
}

Ending listJournal(const JournalOptions& options) {
    auto target = "/v1/journal?most=" + std::to_string(options.most);
    if (options.from)
        target += "&from=" + std::to_string(*options.from);
    if (options.dead)
        target += "&dead";
    const auto answer = askService(options.socket, "GET", target);
    if (!answer)
        return complain(answer.error());
    const auto records = listOf(*answer, "records");
    if (options.json) {
        for (const auto& record : records)
            printLine(record);
        return Ending::done;
    }
    Table table({{"EPOCH", 0, true},
                 {"SEQUENCE", 0, true},
                 {"WRITTEN"},
                 {"CLASS"},
                 {"KIND"},
                 {"STATE"},
                 {"TRIES", 0, true},
                 {"NOTE"}});
    for (const auto& record : records)
        table.add({textOf(record, "epoch"), textOf(record, "sequence"), textOf(record, "written"),
                   textOf(record, "class"), textOf(record, "kind"), textOf(record, "state"),
                   textOf(record, "attempts"), textOf(record, "note")});
    table.print(std::cout, true);
    return Ending::done;
}

// Nested objects as "payload.fare_fen".
void addFields(Table& table, const Json& object, const std::string& prefix) {
    for (const auto& [name, value] : object.items()) {
        if (value.is_object())
            addFields(table, value, prefix + name + ".");
        else
            table.add({prefix + name, textOf(object, name.c_str())});
    }
}

std::string recordPath(const JournalOptions& options, const std::string& action) {
    const auto path = "/v1/journal/" + std::to_string(options.sequence) + action;
    return options.epoch == 0 ? path : path + "?epoch=" + std::to_string(options.epoch);
}

void addRecordOptions(CLI::App& command, JournalOptions& options) {
    command.add_option("N", options.sequence, "The record's sequence number")->required();
    command.add_option("--epoch", options.epoch, "The record's, if it was salvaged from a damaged database");
}

Ending showRecord(const JournalOptions& options) {
    const auto record = askService(options.socket, "GET", recordPath(options, ""));
    if (!record)
        return complain(record.error());
    if (options.json) {
        printLine(*record);
        return Ending::done;
    }
    auto table = Table::ofFields();
    addFields(table, *record, "");
    table.print(std::cout, false);
    return Ending::done;
}

Ending requeueRecord(const JournalOptions& options) {
    const auto sequence = std::to_string(options.sequence);
    const auto answer = askService(options.socket, "POST", recordPath(options, "/requeue"));
    if (!answer)
        return complain(answer.error());
    if (options.json)
        printLine(*answer);
    else
        std::cout << "record " << sequence << " waits to be delivered again\n";
    return Ending::done;
}

std::uint64_t newestOf(const Json& outcomes, std::uint64_t otherwise) {
    if (outcomes.empty() || !outcomes.back().is_object())
        return otherwise;
    const auto number = outcomes.back().find("number");
    return number != outcomes.back().end() && number->is_number_unsigned() ? number->get<std::uint64_t>()
                                                                           : otherwise;
}

Ending showOutcomes(const OutcomesOptions& options) {
    constexpr int waitMs = 25'000; // the panel holds a request for at most 30 s
    auto after = options.after;
    bool titles = !options.json;
    do {
        auto target = "/v1/outcomes?after=" + std::to_string(after);
        if (options.follow)
            target += "&wait_ms=" + std::to_string(waitMs);
        const auto answer = askService(options.socket, "GET", target, nullptr, Milliseconds{waitMs + 10'000});
        if (!answer)
            return complain(answer.error());
        const auto outcomes = listOf(*answer, "outcomes");
        after = newestOf(outcomes, after);
        if (options.json) {
            for (const auto& outcome : outcomes)
                printLine(outcome);
        } else {
            printOutcomes(outcomes, titles);
            titles = false;
        }
        std::cout << std::flush;
    } while (options.follow);
    return Ending::done;
}

} // namespace

void addPanelOptions(CLI::App& command, PanelOptions& options) {
    command.add_option("--panel", options.socket, "The panel's Unix socket")
        ->envname("YKT_PANEL")
        ->capture_default_str();
    command.add_flag("--json", options.json, "Print the panel's JSON, one object a line");
}

void addPanelCommands(CLI::App& app, Run& run) {
    auto& status = *app.add_subcommand("status", "How the terminal is: lanes, lists, link, journal");
    auto statusOptions = std::make_shared<PanelOptions>();
    addPanelOptions(status, *statusOptions);
    status.footer("Example:\n  yktctl status --panel /run/ykt/panel.sock");
    onChosen(status, run, statusOptions, showStatus);

    auto& journal = *app.add_subcommand("journal", "The terminal's records");
    journal.require_subcommand(1);
    journal.footer("Example:\n  yktctl journal list --from 40 --most 20");
    auto journalOptions = std::make_shared<JournalOptions>();
    auto& list = *journal.add_subcommand("list", "Records with their delivery state, newest first");
    addPanelOptions(list, *journalOptions);
    list.add_option("--from", journalOptions->from, "The highest sequence number, else the newest");
    list.add_option("--most", journalOptions->most, "How many records at most")->capture_default_str();
    list.add_flag("--dead", journalOptions->dead, "Dead letters only");
    list.footer("Examples:\n  yktctl journal list --from 40 --most 20\n  yktctl journal list --dead");
    onChosen(list, run, journalOptions, listJournal);
    auto& show = *journal.add_subcommand("show", "One record, personal data covered");
    addPanelOptions(show, *journalOptions);
    addRecordOptions(show, *journalOptions);
    show.footer("Example:\n  yktctl journal show 42");
    onChosen(show, run, journalOptions, showRecord);
    auto& requeue = *journal.add_subcommand("requeue", "Make a dead letter wait to be delivered again");
    addPanelOptions(requeue, *journalOptions);
    addRecordOptions(requeue, *journalOptions);
    requeue.footer("Examples:\n  yktctl journal requeue 42\n  yktctl journal requeue 42 --epoch 1");
    onChosen(requeue, run, journalOptions, requeueRecord);

    auto& outcomes = *app.add_subcommand("outcomes", "What came of the presentations since the start");
    auto outcomesOptions = std::make_shared<OutcomesOptions>();
    addPanelOptions(outcomes, *outcomesOptions);
    outcomes.add_option("--after", outcomesOptions->after, "Only outcomes with a higher number");
    outcomes.add_flag("--follow", outcomesOptions->follow, "Go on as new ones come, until the panel ends");
    outcomes.footer("Example:\n  yktctl outcomes --follow --json");
    onChosen(outcomes, run, outcomesOptions, showOutcomes);
}

} // namespace ykt::tools
