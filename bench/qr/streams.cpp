#include "bench/qr/streams.h"

#include "bench/qr/thread_time.h"
#include "sim/scene/video.h"

namespace ykt::bench {

EmptyCost measureEmpty(sim::Background background, int width, int height, int frames,
                       const std::vector<EngineEntry>& engines) {
    EmptyCost cost{background, width, height, {}};
    for (const auto& entry : engines)
        entry.engine->begin();
    for (int i = 0; i < frames; ++i) {
        auto settings = emptyScene(background, static_cast<std::uint64_t>(i) + 1);
        settings.width = width;
        settings.height = height;
        const auto image = photograph({}, settings);
        for (const auto& entry : engines) {
            if (i % entry.every != 0)
                continue;
            auto& tally = cost.tallies[entry.name];
            std::vector<Bytes> read;
            tally.ms.push_back(millisecondsOf([&] { read = entry.engine->read(image.frame()); }));
            tally.verdicts.push_back(read.empty() ? Verdict::missed : Verdict::wrong);
        }
    }
    return cost;
}

int falseReads(int frames, Engine& engine, const std::function<void(int)>& progress) {
    int reads = 0;
    engine.begin();
    for (int i = 0; i < frames; ++i) {
        const auto background = sim::backgrounds[static_cast<std::size_t>(i) % sim::backgrounds.size()];
        const auto image = photograph({}, emptyScene(background, static_cast<std::uint64_t>(i) + 1));
        reads += engine.read(image.frame()).empty() ? 0 : 1;
        progress(i + 1);
    }
    return reads;
}

double VideoCost::readWithin(int frames) const {
    const auto in = std::ranges::count_if(firstReads, [&](int at) { return at > 0 && at <= frames; });
    return firstReads.empty() ? 0.0 : static_cast<double>(in) / static_cast<double>(firstReads.size());
}

namespace {

void watch(const std::vector<sim::Image>& frames, const Bytes& payload, Engine& engine, VideoCost& cost) {
    int first = 0;
    engine.begin();
    for (int i = 0; i < static_cast<int>(frames.size()); ++i) {
        std::vector<Bytes> read;
        const double ms =
            millisecondsOf([&] { read = engine.read(frames[static_cast<std::size_t>(i)].frame()); });
        const int held = i - sim::Presentation::framesToHold + 1;
        if (held >= 1)
            cost.ms.push_back(ms);
        const auto verdict = judge(read, payload);
        cost.wrong += verdict == Verdict::wrong ? 1 : 0;
        if (first == 0 && verdict == Verdict::exact)
            first = std::max(held, 1);
    }
    cost.firstReads.push_back(first);
}

} // namespace

std::map<std::string, VideoCost> measureVideos(int runs, const std::vector<EngineEntry>& engines,
                                               const std::function<void(int)>& progress) {
    constexpr int length = sim::Presentation::framesToHold + sim::Presentation::framesPerSecond;
    std::map<std::string, VideoCost> costs;
    for (int run = 0; run < runs; ++run) {
        const auto seed = static_cast<std::uint64_t>(run) + 1;
        const auto& shown = shownAt(400, seed);
        auto settings = sceneOf(sim::Preset::camera, seed);
        settings.pixelsPerModule = 2.0;
        const sim::Presentation presentation(shown.symbol, settings);
        std::vector<sim::Image> frames;
        for (int i = 0; i < length; ++i)
            frames.push_back(presentation.frame(i));
        for (const auto& entry : engines)
            if (run % entry.every == 0)
                watch(frames, shown.payload, *entry.engine, costs[entry.name]);
        progress(run + 1);
    }
    return costs;
}

} // namespace ykt::bench
