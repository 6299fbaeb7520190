// Frames as a terminal's camera would photograph them: a symbol on a phone's screen, in front of some
// background. Every effect is a parameter with a unit; one that is 0 is not there.
#pragma once

#include "sim/scene/image.h"

namespace ykt::sim {

// What stands behind the phone, or fills a frame without one.
enum class Background {
    flat,    // one luma
    photo,   // smooth shapes with edges, and texture
    text,    // lines of dense print
    dark,    // hardly any light
    modules, // dark and light squares by chance, in the size of modules: the worst case for who looks for
             // symbols
    finders, // finder patterns that belong to no symbol
};

struct SceneSettings {
    int width = 640;  // of the frame, pixels
    int height = 480; // of the frame, pixels

    // Where the phone is.
    double pixelsPerModule = 4.0; // at the symbol's centre, as if the phone faced the camera
    double rotationDegrees = 6.0; // in the plane of the screen, clockwise
    double tiltXDegrees = 0.0;    // about the horizontal axis: positive brings the lower edge nearer
    double tiltYDegrees = 8.0;    // about the vertical axis: positive brings the right edge nearer
    double distance = 2.5;        // of the camera, in widths of the symbol with its quiet zone
    double offsetX = 0.0;         // of the symbol's centre from the frame's, pixels
    double offsetY = 0.0;         // of the symbol's centre from the frame's, pixels
    bool mirrored = false;        // left and right of the symbol exchanged

    // What the screen shows.
    double dark = 45.0;                 // luma of dark modules, 0..255
    double light = 205.0;               // luma of light modules of a screen that is not dimmed, 0..255
    double dimming = 0.0;               // of the screen: the share of the contrast that is lost, 0..1
    bool inverted = false;              // dark mode: light modules on a dark ground
    double dirtArea = 0.0;              // share of the symbol's modules that blots cover, 0..0.5
    double moireDepth = 0.0;            // share of the screen's light lost in the trough of a beat, 0..1
    double screenPixelsPerModule = 5.3; // the grid of the screen, which beats with that of the sensor
    double bandingDepth = 0.0;          // share of the screen's light lost in the dark rows, 0..1
    double bandingRows = 90.0;          // rows of the rolling shutter from one dark band to the next

    // What light does.
    double gradient = 0.2;        // illuminance lost across the frame, 0..1
    double gradientDegrees = 0.0; // the way in which it is lost: 0 to the right, 90 downwards
    double glareArea = 0.0;       // of a reflection on the symbol, as a share of the symbol's area
    double glareStrength = 0.0;   // luma steps that it adds in its middle; 1/e of it at its edge

    // What lens and sensor do.
    double blurSigma = 0.7;     // of defocus, pixels
    double motionLength = 0.0;  // of motion blur, pixels
    double motionDegrees = 0.0; // of motion blur: 0 along rows, 90 along columns
    double noiseSigma = 4.0;    // of the sensor at 0 dB, luma steps
    double gainDb = 0.0;        // of the sensor: 6 dB double the noise
    int jpegQuality = 0;        // 1..100 of libjpeg's scale; 0: the frame is not compressed

    Background background = Background::photo;
    double backgroundContrast = 50.0; // amplitude of shapes and texture, luma steps

    std::uint64_t seed = 1;      // of background, and where glare and dirt lie
    std::uint64_t noiseSeed = 0; // of noise, together with the seed: another for each frame of a video
};

// `symbol` is drawn with one pixel per module (renderSymbol(payload, 1)); an empty image gives a frame with
// no symbol. The same symbol and settings give the same frame, bit for bit.
Image photograph(const Image& symbol, const SceneSettings& settings);

// The demo's picture: the camera preset, anywhere about the middle of a 640x480 frame.
SceneSettings handHeld(std::uint64_t seed);

} // namespace ykt::sim
