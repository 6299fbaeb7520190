// Single frames: every engine is a stranger to each.
#pragma once

#include "bench/qr/engine.h"
#include "bench/qr/tally.h"
#include "sim/scene/presets.h"

#include <functional>
#include <map>

namespace ykt::bench {

// A set of frames that differ only by their seeds.
struct Point {
    std::string group; // "module size", "blur", "effects", ...
    std::string label; // what is special
    double value = 0;  // on the group's axis
    int width = 640;
    int height = 480;
    std::size_t payload = 400; // bytes
    double pixels = 3.0;       // per module
    sim::Preset preset = sim::Preset::camera;
    std::function<void(sim::SceneSettings&)> effect{};
};

std::vector<Point> pointsOfSweep();

struct Measured {
    Point point;
    std::map<std::string, Tally> tallies; // by the engine's name
};

// `frames` frames of the point. The symbol, without its quiet zone, is wholly in each of them.
Measured measure(const Point& point, int frames, const std::vector<EngineEntry>& engines);

// Symbols of random payloads, the same for the same arguments.
struct Shown {
    Bytes payload;
    sim::Image symbol; // one pixel per module
};
const Shown& shownAt(std::size_t payload, std::uint64_t number);

Verdict judge(const std::vector<Bytes>& read, const Bytes& payload);

} // namespace ykt::bench
