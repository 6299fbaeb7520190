// A short video: somebody brings a phone before the camera and holds it there.
#pragma once

#include "sim/scene/scene.h"

namespace ykt::sim {

// Lengths on the phone are in millimetres, with a symbol of 40 mm without its quiet zone.
class Presentation {
  public:
    // `settings` is where the hand wants to hold the phone, and all that does not move. `symbol` as for
    // photograph(), not empty. The hand that the seed draws drifts up to 3 mm and 3 degrees in a second or so
    // and trembles by 0.2 mm at 8 to 12 Hz; each frame is exposed for 10 ms, which blurs what moves; focus
    // starts 1 to 2 pixels off and settles with a time constant of 0.15 s.
    Presentation(Image symbol, SceneSettings settings);

    // The frame at `number` / 30 s. The phone enters the frame at 0 from below or a side and slows down to
    // reach its place within `framesToHold`.
    [[nodiscard]] SceneSettings at(int number) const;
    [[nodiscard]] Image frame(int number) const;

    static constexpr int framesPerSecond = 30;
    static constexpr int framesToHold = 12; // the first frame in which the hand holds the phone still

  private:
    struct Pose {
        double x, y;    // pixels
        double degrees; // rotation
    };
    [[nodiscard]] Pose poseAt(double seconds) const;

    Image symbol_;
    SceneSettings settings_;
    double pixelsPerMillimetre_;
    double entryX_; // pixels from the place at which the phone is held to where it comes from
    double entryY_;
    double driftHz_;
    double driftPhase_;
    double tremorHz_;
    double tremorPhase_;
    double defocus_; // sigma at the start, pixels
};

} // namespace ykt::sim
