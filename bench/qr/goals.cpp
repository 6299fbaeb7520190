#include "bench/qr/goals.h"

#include <fmt/format.h>

namespace ykt::bench {
namespace {

constexpr auto ours = "ours";
constexpr auto zxing = "zxing";
constexpr double budget = 15.0; // ms, that of qr::SymbolReaderSettings

void tell(bool met, const std::string& goal, const std::string& figure) {
    fmt::print("  {:<7} {:<70} {}\n", met ? "met" : "MISSED", goal, figure);
}

std::string percent(double rate) {
    return fmt::format("{:.1f} %", 100 * rate);
}

// The worst of our rates over the points that are meant; both frame sizes count.
void tellRate(const Findings& findings, const std::string& goal, double floor,
              const std::function<bool(const Point&)>& meant) {
    double worst = 2.0;
    std::string where;
    for (const auto& measured : findings.sweep)
        if (meant(measured.point) && measured.tallies.at(ours).rate() < worst) {
            worst = measured.tallies.at(ours).rate();
            where = measured.point.group + ", " + measured.point.label;
        }
    if (worst <= 1.0)
        tell(worst >= floor, goal, fmt::format("worst {} ({})", percent(worst), where));
}

bool isModuleSize(const Point& point) {
    return point.group.starts_with("module size");
}

// Over the frames that both were asked to read.
std::pair<int, int> exactOfBoth(const Measured& measured, const std::string& other) {
    std::pair<int, int> exact{0, 0};
    const auto& mine = measured.tallies.at(ours).verdicts;
    const auto& theirs = measured.tallies.at(other).verdicts;
    for (std::size_t i = 0; i < mine.size(); ++i)
        if (theirs[i] != Verdict::not_asked) {
            exact.first += mine[i] == Verdict::exact ? 1 : 0;
            exact.second += theirs[i] == Verdict::exact ? 1 : 0;
        }
    return exact;
}

void tellOthers(const Findings& findings) {
    int below = 0;
    for (const auto& measured : findings.sweep)
        for (const auto& name : findings.engines) {
            const auto [mine, theirs] = exactOfBoth(measured, name);
            if (mine >= theirs)
                continue;
            ++below;
            fmt::print("          below {} at {}, {}: {} against {}\n", name, measured.point.group,
                       measured.point.label, mine, theirs);
        }
    tell(below == 0, "at no point of the sweep below another engine", fmt::format("{} below", below));
}

std::vector<double> timesOf(const Findings& findings, const std::string& name,
                            const std::function<bool(const Point&)>& meant) {
    std::vector<double> ms;
    for (const auto& measured : findings.sweep)
        if (meant(measured.point))
            ms.insert(ms.end(), measured.tallies.at(name).ms.begin(), measured.tallies.at(name).ms.end());
    return ms;
}

void tellTimes(const Findings& findings) {
    const auto easy = [](const Point& point) { return point.preset == sim::Preset::clean; };
    const double easyRatio = median(timesOf(findings, ours, easy)) / median(timesOf(findings, zxing, easy));
    tell(easyRatio <= 1.1, "easy (clean) frames cost at most 1.1 of ZXing's default",
         fmt::format("{:.2f}", easyRatio));

    std::vector<double> mine;
    std::vector<double> theirs;
    for (const auto& cost : findings.empty)
        if (cost.width == 640 && cost.background < sim::Background::modules) {
            const auto& a = cost.tallies.at(ours).ms;
            const auto& b = cost.tallies.at(zxing).ms;
            mine.insert(mine.end(), a.begin(), a.end());
            theirs.insert(theirs.end(), b.begin(), b.end());
        }
    if (!mine.empty())
        tell(median(mine) <= 0.6 * median(theirs),
             "empty VGA frames (flat, photo, text, dark) cost at most 0.6 of ZXing's",
             fmt::format("{:.2f}", median(mine) / median(theirs)));
    const auto all = timesOf(findings, ours, [](const Point&) { return true; });
    tell(percentile(all, 0.99) <= budget, "p99 of single frames within the budget of 15 ms",
         fmt::format("{:.2f} ms", percentile(all, 0.99)));
}

void tellVideos(const Findings& findings) {
    if (!findings.videos.contains(ours))
        return;
    const auto& video = findings.videos.at(ours);
    tell(video.readWithin(5) >= 0.99, "video at 2 px: read within 5 frames in 99 % of runs",
         percent(video.readWithin(5)));
    tell(mean(video.ms) <= 3.0, "video that holds a code: mean of 3 ms a frame",
         fmt::format("{:.2f} ms", mean(video.ms)));
    tell(percentile(video.ms, 0.99) <= budget, "p99 of video frames within the budget of 15 ms",
         fmt::format("{:.2f} ms", percentile(video.ms, 0.99)));
}

} // namespace

void printGoals(const Findings& findings) {
    if (std::ranges::find(findings.engines, ours) == findings.engines.end())
        return;
    fmt::print("\ngoals\n");
    const auto at = [](double low, double high) {
        return [=](const Point& point) {
            return isModuleSize(point) && point.pixels >= low && point.pixels <= high;
        };
    };
    tellRate(findings, "camera, 400 bytes: 50 % at 1.6 px", 0.50, at(1.6, 1.6));
    tellRate(findings, "camera, 400 bytes: 95 % at 2 px", 0.95, at(2.0, 2.0));
    tellRate(findings, "camera, 400 bytes: 99 % at 2.5 px and above", 0.99, at(2.5, 100.0));
    tellRate(findings, "hard at 4 px: 99 %", 0.99,
             [](const Point& point) { return point.preset == sim::Preset::hard && point.pixels == 4.0; });
    tellOthers(findings);
    if (std::ranges::find(findings.engines, zxing) != findings.engines.end())
        tellTimes(findings);
    tellVideos(findings);
    if (findings.codeFreeFrames > 0)
        tell(findings.falseReads == 0, fmt::format("no read in {} code-free frames", findings.codeFreeFrames),
             std::to_string(findings.falseReads));
}

} // namespace ykt::bench
