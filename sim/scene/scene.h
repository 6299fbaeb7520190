// Frames as a terminal's camera would photograph them: a symbol on a screen, in front of some background.
#pragma once

#include "sim/scene/image.h"

namespace ykt::sim {

struct SceneSettings {
    int width = 640;  // of the frame, pixels
    int height = 480; // of the frame, pixels

    double pixelsPerModule = 4.0; // at the symbol's centre
    double rotationDegrees = 6.0; // clockwise
    double perspective = 0.03;    // how much nearer the right edge of the symbol is than its left, 0..0.3
    double offsetX = 0.0;         // of the symbol's centre from the frame's, pixels
    double offsetY = 0.0;         // of the symbol's centre from the frame's, pixels

    double dark = 45.0;               // luma of dark modules, 0..255
    double light = 205.0;             // luma of light modules, 0..255
    double gradient = 0.2;            // illuminance lost from the left edge of the frame to the right, 0..1
    double blurSigma = 0.7;           // of the lens, pixels
    double noiseSigma = 4.0;          // of the sensor, luma steps
    double backgroundContrast = 50.0; // amplitude of the background texture, luma steps

    std::uint64_t seed = 1; // of texture and noise
};

// `symbol` is drawn with one pixel per module (renderSymbol(payload, 1)); an empty image gives a frame with
// no symbol. The same symbol and settings give the same frame, bit for bit.
Image photograph(const Image& symbol, const SceneSettings& settings);

// The demo's picture: position, rotation, perspective and texture vary with the seed around the defaults.
SceneSettings handHeld(std::uint64_t seed);

} // namespace ykt::sim
