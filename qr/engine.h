// ZXing-cpp, the engine that reads symbols: QR Code Model 2 only; all other symbologies stay off.
#pragma once

#include "hal/camera.h"
#include "qr/point.h"

#include <array>
#include <vector>

namespace ykt::qr {

struct Reading {
    Bytes payload;                // as encoded, in every mode; an ECI changes no byte
    std::array<Point, 4> corners; // pixels of the picture, clockwise from the symbol's own top left
    bool inParts = false;         // structured append (ISO/IEC 18004, 8): only a part of a message
};

enum class Picture {
    grey,     // judged dark or light by the average of its surroundings
    binary,   // dark is below 128
    straight, // binary, and nothing but one upright symbol: no search
};

// All symbols that the engine reads, at most `mostReadings`. Errors: frame_invalid (the engine failed).
Result<std::vector<Reading>> decode(const hal::Frame& picture, Picture kind);

inline constexpr std::size_t mostReadings = 4;

} // namespace ykt::qr
