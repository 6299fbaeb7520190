// Where something lies in a frame.
#pragma once

namespace ykt::qr {

// Pixels of the frame from its upper left corner; whole numbers are the corners of pixels, not their middles.
struct Point {
    float x = 0.0F;
    float y = 0.0F;

    friend bool operator==(const Point&, const Point&) = default;
};

} // namespace ykt::qr
