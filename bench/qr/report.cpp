#include "bench/qr/report.h"

#include <cstdio>
#include <fmt/format.h>

namespace ykt::bench {
namespace {

constexpr std::array colours = {"#c62828", "#1565c0", "#6a1b9a", "#2e7d32", "#ef6c00"};

void printHead(const std::string& title, const Findings& findings) {
    fmt::print("\n{:<34}", title);
    for (const auto& name : findings.engines)
        fmt::print(" {:>26}", name);
    fmt::print("\n");
}

std::string cellOf(const Tally& tally) {
    if (tally.ms.empty())
        return "-";
    const int wrong = tally.count(Verdict::wrong);
    const auto rate =
        fmt::format("{:.1f} %{}", 100.0 * tally.rate(), wrong ? fmt::format(" !{}", wrong) : "");
    return fmt::format("{} {:.2f} {:.2f}", rate, median(tally.ms), percentile(tally.ms, 0.95));
}

std::string costOf(const Tally& tally) {
    return tally.ms.empty() ? "-"
                            : fmt::format("{:.2f} {:.2f}", median(tally.ms), percentile(tally.ms, 0.95));
}

nlohmann::json toJson(const Tally& tally) {
    return {{"frames", tally.asked()},
            {"exact", tally.count(Verdict::exact)},
            {"wrong", tally.count(Verdict::wrong)},
            {"median_ms", median(tally.ms)},
            {"p95_ms", percentile(tally.ms, 0.95)},
            {"p99_ms", percentile(tally.ms, 0.99)}};
}

Panel panelOf(const Findings& findings, const std::string& group, const std::string& title,
              const std::string& axis) {
    Panel panel{title, axis, {}};
    for (std::size_t i = 0; i < findings.engines.size(); ++i) {
        Curve curve{findings.engines[i], colours[i % colours.size()], {}};
        for (const auto& measured : findings.sweep)
            if (measured.point.group == group && measured.tallies.at(curve.name).asked() > 0)
                curve.points.emplace_back(measured.point.value, measured.tallies.at(curve.name).rate());
        if (!curve.points.empty())
            panel.curves.push_back(std::move(curve));
    }
    return panel;
}

} // namespace

void printNewest(const Findings& findings) {
    const auto& all = findings.sweep;
    if (all.size() == 1 || all[all.size() - 2].point.group != all.back().point.group)
        printHead(all.back().point.group, findings);
    fmt::print("  {:<32}", all.back().point.label);
    for (const auto& name : findings.engines)
        fmt::print(" {:>26}", cellOf(all.back().tallies.at(name)));
    fmt::print("\n");
    std::fflush(stdout);
}

void printEmpty(const Findings& findings) {
    printHead("frames without a code", findings);
    for (const auto& cost : findings.empty) {
        fmt::print("  {:<32}",
                   fmt::format("{} {}x{}", sim::nameOf(cost.background), cost.width, cost.height));
        for (const auto& name : findings.engines)
            fmt::print(" {:>26}", cost.tallies.contains(name) ? costOf(cost.tallies.at(name)) : "-");
        fmt::print("\n");
    }
}

void printVideos(const Findings& findings) {
    fmt::print("\n{:<10} {:>6} {:>10} {:>10} {:>10} {:>9} {:>9} {:>7}\n", "video", "runs", "in frame 1",
               "within 5", "within 30", "mean ms", "p99 ms", "wrong");
    for (const auto& name : findings.engines) {
        if (!findings.videos.contains(name))
            continue;
        const auto& video = findings.videos.at(name);
        fmt::print("{:<10} {:>6} {:>8.1f} % {:>8.1f} % {:>8.1f} % {:>9.2f} {:>9.2f} {:>7}\n", name,
                   video.firstReads.size(), 100 * video.readWithin(1), 100 * video.readWithin(5),
                   100 * video.readWithin(30), mean(video.ms), percentile(video.ms, 0.99), video.wrong);
    }
}

nlohmann::json toJson(const Findings& findings) {
    nlohmann::json out = {{"code_free_frames", findings.codeFreeFrames},
                          {"false_reads", findings.falseReads}};
    for (const auto& measured : findings.sweep) {
        const auto& point = measured.point;
        nlohmann::json engines;
        for (const auto& [name, tally] : measured.tallies)
            engines[name] = toJson(tally);
        out["sweep"].push_back({{"group", point.group},
                                {"label", point.label},
                                {"width", point.width},
                                {"height", point.height},
                                {"payload_bytes", point.payload},
                                {"pixels_per_module", point.pixels},
                                {"preset", sim::nameOf(point.preset)},
                                {"engines", engines}});
    }
    for (const auto& cost : findings.empty) {
        nlohmann::json engines;
        for (const auto& [name, tally] : cost.tallies)
            engines[name] = toJson(tally);
        out["empty"].push_back({{"background", sim::nameOf(cost.background)},
                                {"width", cost.width},
                                {"height", cost.height},
                                {"engines", engines}});
    }
    for (const auto& [name, video] : findings.videos)
        out["video"][name] = {{"first_reads", video.firstReads},
                              {"mean_ms", mean(video.ms)},
                              {"p99_ms", percentile(video.ms, 0.99)},
                              {"wrong", video.wrong}};
    return out;
}

std::vector<Panel> panelsOf(const Findings& findings) {
    return {panelOf(findings, "module size 640x480", "400 bytes (v15-M), camera preset, 640x480",
                    "pixels per module"),
            panelOf(findings, "blur", "the same at 3 pixels per module", "defocus sigma, pixels")};
}

} // namespace ykt::bench
