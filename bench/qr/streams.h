// Frames one after the other, as a camera gives them: every engine remembers what it likes.
#pragma once

#include "bench/qr/sweep.h"

namespace ykt::bench {

// Milliseconds a frame, by the engine's name, over `frames` frames without a code.
struct EmptyCost {
    sim::Background background;
    int width;
    int height;
    std::map<std::string, Tally> tallies;
};
EmptyCost measureEmpty(sim::Background background, int width, int height, int frames,
                       const std::vector<EngineEntry>& engines);

// How many of `frames` code-free frames, of all kinds in turn, the engine reads something in.
int falseReads(int frames, Engine& engine, const std::function<void(int)>& progress);

// Hands that bring a code of 400 bytes, 2 pixels a module and the camera preset, and hold it for a second.
struct VideoCost {
    std::vector<int>
        firstReads;         // one for each run: the frame, counted from 1, once the phone is held; 0: none
    std::vector<double> ms; // of each frame from the first in which the code is held
    int wrong = 0;          // frames
    [[nodiscard]] double readWithin(int frames) const; // share of runs
};
std::map<std::string, VideoCost> measureVideos(int runs, const std::vector<EngineEntry>& engines,
                                               const std::function<void(int)>& progress);

} // namespace ykt::bench
