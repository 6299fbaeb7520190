// What a frame and a code cost, each on one thread.
#include "drivers/system/clock.h"
#include "qr/code.h"
#include "qr/symbol_reader.h"
#include "sim/codes/code_issuer.h"
#include "sim/scene/scene.h"
#include "sim/scene/symbol.h"

#include <benchmark/benchmark.h>

using namespace ykt;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600);

struct World {
    sim::CodeIssuer issuer = *sim::CodeIssuer::create();
    qr::CodeVerifier verifier{issuer.anchors()};
    Bytes transit = *issuer.transitCode({}, generated);
    Bytes fusion = *issuer.fusionCode({}, generated);
};

const World& world() {
    static const World made;
    return made;
}

sim::Image photographed(double pixelsPerModule, std::uint64_t seed) {
    auto settings = sim::handHeld(seed);
    settings.pixelsPerModule = pixelsPerModule;
    return sim::photograph(*sim::renderSymbol(world().transit, 1), settings);
}

// Twenty frames of a 332-byte transit code, one after the other; the argument is tenths of pixels per module.
void readTransitCodeFrames(benchmark::State& state) {
    constexpr std::size_t frames = 20;
    std::vector<sim::Image> images;
    for (std::uint64_t seed = 1; seed <= frames; ++seed)
        images.push_back(photographed(static_cast<double>(state.range(0)) / 10.0, seed));
    const drivers::SystemClock clock;
    qr::SymbolReader reader(clock);
    std::size_t shown = 0;
    std::size_t read = 0;
    for (auto _ : state) {
        const auto symbols = reader.read(images[shown++ % frames].frame());
        read += symbols && symbols->front().payload == world().transit ? 1 : 0;
    }
    state.counters["read"] = static_cast<double>(read) / static_cast<double>(shown);
}
BENCHMARK(readTransitCodeFrames)->Arg(20)->Arg(25)->Arg(30)->Arg(40)->Unit(benchmark::kMicrosecond);

void readEmptyFrame(benchmark::State& state) {
    const auto image = sim::photograph({}, sim::handHeld(1));
    const drivers::SystemClock clock;
    qr::SymbolReader reader(clock);
    for (auto _ : state)
        benchmark::DoNotOptimize(reader.read(image.frame()).has_value());
}
BENCHMARK(readEmptyFrame)->Unit(benchmark::kMicrosecond);

void verifyCode(benchmark::State& state, const Bytes& payload) {
    for (auto _ : state)
        if (!world().verifier.verify(payload, generated, 200))
            state.SkipWithError("refused");
}
BENCHMARK_CAPTURE(verifyCode, transit, world().transit)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(verifyCode, fusion, world().fusion)->Unit(benchmark::kMicrosecond);

} // namespace
