// ykt-collector: the reference back-office receiver.
#include "collector/audit.h"
#include "drivers/system/clock.h"
#include "tools/collector/places.h"
#include "tools/collector/report.h"
#include "tools/collector/serve.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace {

using namespace ykt;

constexpr int exitIncomplete = 1;
constexpr int exitUsage = 2;
constexpr int exitFailed = 3;

struct Options {
    tools::ServeOptions serve;
    std::string terminal;
    bool json = false;
};

CLI::App* addServe(CLI::App& app, tools::ServeOptions& options) {
    auto* serve = app.add_subcommand("serve", "Receive until SIGTERM or SIGINT");
    serve->add_option("--listen", options.listen, "ADDRESS:PORT (IPv4) for HTTPS; port 0 picks one")
        ->capture_default_str();
    serve->add_option("--cert", options.certificate, "This server's certificate (PEM)")->required();
    serve->add_option("--key", options.key, "Its private key (PEM)")->required();
    serve->add_option("--ca", options.terminalsCa, "The CA of the terminals' certificates (PEM)")->required();
    serve->add_option("--ca-key", options.terminalsCaKey,
                      "That CA's private key (PEM, mode 0600): terminals' certificates are renewed");
    serve
        ->add_option("--certificate-days", options.certificateDays,
                     "How long a renewed certificate is in force")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    serve->add_option("--bulletins", options.bulletins,
                      "Folder with KIND/VERSION, and KIND/VERSION.from-BASE for deltas");
    serve->add_option("--attachments", options.attachments,
                      "Folder with files named by their SHA-256 in hex");
    serve->add_option("--nats", options.nats,
                      "HOST:PORT of a NATS server; several of one cluster may be named");
    serve->add_option("--nats-ca", options.natsCa, "Its CA (PEM): TLS; without it in the clear");
    serve->add_option("--nats-cert", options.natsCertificate, "Certificate at NATS (PEM), if not --cert");
    serve->add_option("--nats-key", options.natsKey, "Its private key (PEM), if not --key");
    serve->add_flag("--sign-receipts", options.signReceipts,
                    "Sign the receipts that NATS carries, with --nats-key (or --key)");
    serve->add_option("--nats-user", options.natsUser, "User at NATS");
    serve->add_option("--nats-password-file", options.natsPasswordFile, "File with the user's password");
    serve
        ->add_option(
            "--stream", options.stream,
            "JetStream stream, made if it is not there; what a stream of the server's own ($MQTT_msgs) "
            "brings and is not settled, is kept")
        ->capture_default_str();
    serve->add_option("--subject", options.subject, "What to take from it")->capture_default_str();
    serve->add_option("--replicas", options.replicas, "Replicas of a stream that is made: 3 in a cluster")
        ->capture_default_str();
    serve->add_option("--stream-days", options.streamDays, "How long a stream that is made keeps messages")
        ->check(CLI::Range(1, 3650))
        ->capture_default_str();
    return serve;
}

int complain(const Error& error) {
    std::cerr << explain(error) << '\n';
    return exitFailed;
}

int printAudit(collector::Ledger& ledger, const std::string& terminal) {
    const auto findings = collector::audit(ledger, terminal);
    if (!findings)
        return complain(findings.error());
    for (const auto& finding : *findings)
        std::cout << finding << '\n';
    return findings->empty() ? 0 : exitIncomplete;
}

int show(const CLI::App& command, const Options& options) {
    const drivers::SystemClock clock;
    const auto ledger = tools::openLedger(options.serve.ledger, tools::Missing::is_an_error, clock);
    if (!ledger)
        return complain(ledger.error());
    if (command.get_name() == "audit")
        return printAudit(**ledger, options.terminal);
    if (command.get_name() == "list") {
        const auto listed = tools::printRecords(**ledger, options.terminal, options.json, std::cout);
        return listed ? 0 : complain(listed.error());
    }
    const auto whole = [&] {
        if (command.get_name() == "unsettled")
            return tools::printUnsettled(**ledger, std::cout);
        const auto print = command.get_name() == "status" ? tools::printStatuses : tools::printGaps;
        return print(**ledger, options.terminal, options.json, std::cout);
    }();
    if (!whole)
        return complain(whole.error());
    return *whole ? 0 : exitIncomplete;
}

} // namespace

int main(int argc, char** argv) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("ykt-collector"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    spdlog::flush_on(spdlog::level::info);
    Options options;
    CLI::App app{"ykt-collector: receives what terminals deliver, settles each record once, and shows what "
                 "is missing."};
    app.require_subcommand(1);
    app.fallthrough();
    app.set_config("--config", "", "TOML with the options' names; those of serve below [serve]");
    app.allow_config_extras(false);
    app.add_option("--ledger", options.serve.ledger,
                   "sqlite:PATH or postgresql:PARAMETERS (as libpq has them)")
        ->required();
    const auto* serve = addServe(app, options.serve);
    auto* gaps = app.add_subcommand("gaps", "What is missing and what was refused, by terminal and epoch");
    auto* list = app.add_subcommand("list", "Every settled record, without its payload");
    auto* audit = app.add_subcommand("audit", "Work out every hash and the whole chain anew from the ledger");
    auto* status = app.add_subcommand("status", "What each terminal last said of itself, and its alarms");
    app.add_subcommand("unsettled", "Messages that a broker brought and that are not wholly settled");
    for (auto* command : {gaps, list, audit, status})
        command->add_option("--terminal", options.terminal, "Of this terminal only");
    for (auto* command : {gaps, list, status})
        command->add_flag("--json", options.json,
                          "For programs: records as one object a line, all else as one array");
    app.footer("Exit status: 0 done (serve: stopped; gaps, unsettled, audit: nothing is missing, refused or "
               "changed; status: no alarm);\n"
               "1 something is; 2 bad usage; 3 a file, the ledger or the address cannot be used.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exitUsage;
    }
    if (!*serve)
        return show(*app.get_subcommands().front(), options);
    const auto served = tools::serve(options.serve);
    if (served)
        return 0;
    spdlog::critical("{}", explain(served.error()));
    return exitFailed;
}
