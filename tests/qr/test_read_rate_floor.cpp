// What the symbol reader once read it goes on reading: single frames, the most that may be missed.
#include "qr/symbol_reader.h"
#include "sim/scene/chance.h"
#include "sim/scene/presets.h"
#include "sim/scene/symbol.h"
#include "sim/scene/view.h"
#include "tests/environment.h"

#include <catch2/catch.hpp>

using namespace ykt;
using sim::Preset;
using sim::SceneSettings;

namespace {

struct Row {
    std::string_view name;
    Preset preset;
    double pixels;       // per module
    std::size_t payload; // bytes
    int frames;
    int mayMiss; // of the frames
    void (*effect)(SceneSettings&) = [](SceneSettings&) {};
};

const std::vector<Row> floors = {
    {"clean", Preset::clean, 4.0, 400, 10, 0},
    {"camera", Preset::camera, 1.6, 400, 30, 1},
    {"camera", Preset::camera, 2.0, 400, 30, 0},
    {"camera", Preset::camera, 2.0, 100, 20, 0},
    {"camera", Preset::camera, 2.5, 400, 20, 0},
    {"camera", Preset::camera, 4.0, 400, 20, 0},
    {"hard", Preset::hard, 2.5, 400, 30, 1},
    {"hard", Preset::hard, 4.0, 400, 30, 0},
    {"hard", Preset::hard, 4.0, 100, 20, 0},
    {"blur 1.2 px", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.blurSigma = 1.2; }},
    {"motion blur 2 px", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.motionLength = 2; }},
    {"dark mode", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.inverted = true; }},
    {"mirrored", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.mirrored = true; }},
    {"low contrast", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.dimming = 0.6; }},
    {"moire", Preset::camera, 3.0, 400, 15, 1, [](SceneSettings& s) { s.moireDepth = 0.4; }},
    {"banding", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.bandingDepth = 0.5; }},
    {"dirt", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.dirtArea = 0.03; }},
    {"JPEG", Preset::camera, 3.0, 400, 15, 0, [](SceneSettings& s) { s.jpegQuality = 40; }},
};

Bytes payloadOf(const Row& row, std::uint64_t seed) {
    sim::Chance chance(seed, sim::Chance::Stream::settings);
    Bytes payload(row.payload);
    for (auto& byte : payload)
        byte = static_cast<std::uint8_t>(chance.next());
    return payload;
}

sim::Image frameOf(const Row& row, const sim::Image& symbol, std::uint64_t seed) {
    for (;; seed += 1000) { // until the symbol lies in the frame
        auto settings = sceneOf(row.preset, seed);
        settings.pixelsPerModule = row.pixels;
        row.effect(settings);
        if (sim::View(symbol, settings).inFrame())
            return photograph(symbol, settings);
    }
}

// A reader that has seen nothing yet, by a clock that stands still: every pass has its turn.
bool isRead(const Row& row, std::uint64_t seed) {
    const auto payload = payloadOf(row, seed);
    const auto frame = frameOf(row, *sim::renderSymbol(payload, 1), seed);
    const hal::ManualClock clock(wallFromUnixSeconds(1'767'225'600));
    qr::SymbolReader reader(clock);
    const auto symbols = reader.read(frame.frame());
    if (!symbols)
        return false;
    REQUIRE(symbols->size() == 1);
    REQUIRE(symbols->front().payload == payload); // a wrong read is worse than none
    return true;
}

} // namespace

// YKT_CASES: how many frames in all. Fewer are the first of each row, so that a row may miss no more of them.
TEST_CASE("no fewer frames are read than were") {
    std::uint64_t all = 0;
    for (const auto& row : floors)
        all += static_cast<std::uint64_t>(row.frames);
    const auto cases = std::min(test::numberFrom("YKT_CASES", all), all);
    for (const auto& row : floors) {
        const auto frames = std::max<std::uint64_t>(static_cast<std::uint64_t>(row.frames) * cases / all, 1);
        int missed = 0;
        for (std::uint64_t seed = 1; seed <= frames; ++seed)
            missed += isRead(row, seed) ? 0 : 1;
        INFO(row.name << ", " << row.pixels << " pixels a module, " << row.payload << " bytes, " << frames
                      << " frames");
        CHECK(missed <= row.mayMiss);
    }
}
