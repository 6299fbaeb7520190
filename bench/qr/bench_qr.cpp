// How well and how fast codes are read, by our reader and by others, in frames of sim/scene.
#include "bench/qr/goals.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <iostream>

using namespace ykt;
using namespace ykt::bench;

namespace {

struct Options {
    int frames = 50; // of each point
    bool quick = false;
    std::vector<std::string> engines;
    std::string svg;
    std::string json;
};

// WeChat takes 20 to 100 times as long as the others: it sees every sixth frame of each point.
std::vector<EngineEntry> chosenEngines(const Options& options) {
    std::vector<EngineEntry> all;
    all.push_back({"ours", "qr::SymbolReader", 1, ourEngine()});
    all.push_back({"zxing", "ZXing-cpp, QR only, default hints", 1, zxingEngine(false)});
    all.push_back(
        {"zxing-hard", "ZXing-cpp, QR only, tryHarder, tryRotate, tryDownscale", 1, zxingEngine(true)});
    all.push_back({"zbar", "zbar, QR only, binary", 1, zbarEngine()});
    all.push_back({"wechat", "OpenCV's WeChat detector without models, every 6th frame", 6, wechatEngine()});
    std::vector<EngineEntry> chosen;
    for (auto& entry : all) {
        if (!options.engines.empty() &&
            std::ranges::find(options.engines, entry.name) == options.engines.end())
            continue;
        fmt::print("{:<11} {}{}\n", entry.name, entry.what, entry.engine ? "" : ": absent from this build");
        if (entry.engine)
            chosen.push_back(std::move(entry));
    }
    return chosen;
}

std::function<void(int)> progressOf(const std::string& what, int all) {
    return [=](int done) {
        if (done % std::max(all / 100, 1) == 0 || done == all)
            std::cerr << fmt::format("\r{}: {} of {} {}", what, done, all, done == all ? "\n" : "")
                      << std::flush;
    };
}

void measureSweep(Findings& findings, const std::vector<EngineEntry>& engines, int frames) {
    const auto points = pointsOfSweep();
    const auto progress = progressOf("points", static_cast<int>(points.size()));
    for (const auto& point : points) {
        findings.sweep.push_back(measure(point, frames, engines));
        printNewest(findings);
        progress(static_cast<int>(findings.sweep.size()));
    }
}

void measureStreams(Findings& findings, const std::vector<EngineEntry>& engines, const Options& options) {
    for (const auto& [width, height] : {std::pair{640, 480}, {1280, 720}})
        for (const auto background : sim::backgrounds)
            findings.empty.push_back(
                measureEmpty(background, width, height, options.quick ? 12 : 60, engines));
    printEmpty(findings);
    const int runs = options.quick ? 20 : 100;
    findings.videos = measureVideos(runs, engines, progressOf("videos", runs));
    printVideos(findings);
    std::fflush(stdout);
    findings.codeFreeFrames = options.quick ? 500 : 10'000;
    findings.falseReads = falseReads(findings.codeFreeFrames, *engines.front().engine,
                                     progressOf("code-free frames", findings.codeFreeFrames));
}

void save(const std::string& path, const std::string& content) {
    if (!path.empty() && !(std::ofstream(path) << content))
        throw CLI::FileError("cannot write " + path);
}

void run(const Options& options) {
    const auto engines = chosenEngines(options);
    if (engines.empty())
        return;
    Findings findings;
    for (const auto& entry : engines)
        findings.engines.push_back(entry.name);
    const int frames = options.quick ? 12 : options.frames;
    fmt::print("\n{} frames a point; cells: read exactly (!wrong), median and p95 ms of CPU\n", frames);
    measureSweep(findings, engines, frames);
    save(options.svg, plot(panelsOf(findings)));
    measureStreams(findings, engines, options);

    printGoals(findings);
    save(options.json, toJson(findings).dump(1) + "\n");
}

} // namespace

int main(int argc, char** argv) {
    Options options;
    CLI::App app("Reads codes from simulated frames by several engines, and compares them.");
    app.add_option("--frames", options.frames, "frames of each point of the sweep")
        ->check(CLI::Range(1, 10'000));
    app.add_flag("--quick", options.quick, "a tenth of everything");
    app.add_option("--engines", options.engines, "only these")->delimiter(',');
    app.add_option("--svg", options.svg, "write the curves here");
    app.add_option("--json", options.json, "write all figures here");
    try {
        app.parse(argc, argv);
        run(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    return 0;
}
