// The ways of looking at a part of a frame. No single one reads every symbol: they complement one another,
// and docs/performance.md shows what each gains.
#pragma once

#include "qr/contrast.h"
#include "qr/engine.h"
#include "qr/rectify.h"
#include "qr/region.h"

#include <optional>
#include <span>
#include <string_view>

namespace ykt::qr {

// Where a pass looks.
struct Spot {
    Region region;
    std::optional<SymbolPlace> place; // nullopt: no finder patterns were made out there
};

// What the passes work with; its buffers are kept between frames. Each pass gives the corners of what it
// reads in pixels of the frame. Errors: frame_invalid (the engine failed).
class Workbench {
  public:
    using Readings = Result<std::vector<Reading>>;

    // The symbol straightened by its finder patterns, with more and with less sharpening. The spot has a
    // place.
    Readings straight(const hal::Frame& frame, const Spot& spot);
    // The region as it is; at twice its size, for modules of few pixels; sharpened before that, for modules
    // that run into one another; by a threshold of its own, for noise and uneven light.
    Readings plain(const hal::Frame& frame, const Spot& spot);
    Readings twice(const hal::Frame& frame, const Spot& spot);
    Readings sharpenedTwice(const hal::Frame& frame, const Spot& spot);
    Readings threshold(const hal::Frame& frame, const Spot& spot);
    Readings sharpenedTwiceThreshold(const hal::Frame& frame, const Spot& spot);
    // Dark for light, where the spot has no place that would tell; and at half its size, for modules so large
    // that noise and dirt break them.
    Readings inverted(const hal::Frame& frame, const Spot& spot);
    Readings half(const hal::Frame& frame, const Spot& spot);

  private:
    hal::Frame part(const hal::Frame& frame, const Spot& spot);
    hal::Frame enlarged(const hal::Frame& picture);
    hal::Frame sharpened(const hal::Frame& picture);
    hal::Frame judged(const hal::Frame& picture);

    Rectifier rectifier_;
    Sharpener sharpener_;
    MeanThreshold threshold_;
    Bytes invertedPart_;
    Bytes sharpenedPart_;
    Bytes enlargedPart_;
    Bytes judgedPart_;
    Bytes halfPart_;
};

struct Pass {
    std::string_view name;
    Workbench::Readings (Workbench::*work)(const hal::Frame&, const Spot&);
    double nanosecondsPerPixel; // of the spot's region, until it was measured
    bool cheap = false;         // done at every spot of every frame
    bool needsPlace = false;
};

// In the order in which a reader begins with them.
std::span<const Pass> spotPasses();  // for spots where a symbol probably is
std::span<const Pass> blindPasses(); // for whole frames, in case that the finder missed one

} // namespace ykt::qr
