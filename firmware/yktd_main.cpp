// yktd: the terminal's daemon, on PC/SC readers and the cameras and actuators that its profile names.
#include "drivers/pcsc/pcsc.h"
#include "drivers/simulated/actuation_log.h"
#include "drivers/system/clock.h"
#include "firmware/assembly.h"
#include "firmware/devices.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace {

using namespace ykt;

constexpr int exitUsage = 2;
constexpr int exitConfiguration = 3;
constexpr int exitFailed = 4;
constexpr int exitDamaged = 5;

constexpr timespec betweenLooks{.tv_sec = 0, .tv_nsec = 500'000'000};

// Blocked before the first thread starts, so that only main takes them.
sigset_t blockStopSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int complain(const Error& error, int exitCode) {
    spdlog::critical("{}", explain(error));
    return exitCode;
}

int run(const std::filesystem::path& profile, bool checkOnly) {
    auto settings = firmware::config::load(profile);
    if (!settings)
        return complain(settings.error(), exitConfiguration);
    if (checkOnly) {
        spdlog::info("{} is in order", profile.string());
        return 0;
    }
    const auto signals = blockStopSignals();
    drivers::SystemClock clock;
    const auto pcsc = drivers::Pcsc::start(clock);
    drivers::ActuationLog actuations(clock, settings->actuators.log);

    firmware::Hardware hardware{
        clock, clock, {}, nullptr, {}, {}, {actuations.gate(), actuations.light(), actuations.sound()}};
    for (const auto& reader : settings->cardReaders)
        hardware.cardReaders.push_back(pcsc->reader(reader.pcsc, reader.kind));
    if (settings->samReader)
        hardware.samReader = pcsc->reader(*settings->samReader, hal::SlotKind::sam);
    hardware.cameras = firmware::makeCameras(settings->cameras, clock);
    hardware.scanners = firmware::makeScanners(settings->scanners, clock);

    const auto id = settings->terminal.id;
    const auto assembly = firmware::Assembly::start(std::move(*settings), std::move(hardware));
    if (!assembly)
        return complain(assembly.error(), exitFailed);
    spdlog::info("{} serves {}", id, (*assembly)->terminal().service().serviceId);
    while (sigtimedwait(&signals, nullptr, &betweenLooks) < 0)
        if ((*assembly)->store().isDamaged()) {
            spdlog::critical("the store is damaged: the next start replaces it, with what can be salvaged");
            return exitDamaged;
        }
    spdlog::info("stopping");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    spdlog::set_default_logger(spdlog::stderr_logger_mt("yktd"));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    spdlog::flush_on(spdlog::level::info);
    std::filesystem::path profile;
    bool checkOnly = false;
    CLI::App app{"yktd: a card-and-code terminal of the Ningxia one card."};
    app.add_option("--profile", profile, "The terminal's profile (TOML)")->required();
    app.add_flag("--check", checkOnly,
                 "Check the profile and the keys and certificates that it names, then exit (keys.file and "
                 "the store are not opened)");
    app.footer(
        "Exit code: 0 stopped by SIGTERM or SIGINT, 2 bad usage, 3 the profile or a file that it names is "
        "not in order,\n"
        "4 the terminal could not start (keys.file, store, certificates, panel socket),\n"
        "5 its store was found damaged: start it again at once (Restart=always), it is replaced then.");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exitUsage;
    }
    return run(profile, checkOnly);
}
