// What was measured, as tables for people, JSON for programs, curves, and against the goals.
#pragma once

#include "bench/plot.h"
#include "bench/qr/streams.h"

#include <nlohmann/json.hpp>

namespace ykt::bench {

struct Findings {
    std::vector<std::string> engines; // names, in the order of columns
    std::vector<Measured> sweep;
    std::vector<EmptyCost> empty;
    std::map<std::string, VideoCost> videos;
    int codeFreeFrames = 0;
    int falseReads = 0;
};

void printNewest(const Findings& findings); // of the points of the sweep
void printEmpty(const Findings& findings);
void printVideos(const Findings& findings);

nlohmann::json toJson(const Findings& findings);
std::vector<Panel> panelsOf(const Findings& findings);

} // namespace ykt::bench
