#include "qr/enlarge.h"

#include <algorithm>
#include <array>

namespace ykt::qr {
namespace {

// Cubic convolution with a = -0.75 at a quarter of a pixel, in 1/256: each new pixel lies a quarter from the
// old one next to it. The other quarter is the same read backwards.
constexpr std::array<int, 4> weights{-27, 225, 67, -9};
static_assert(weights[0] + weights[1] + weights[2] + weights[3] == 256);

int mix(int before, int nearest, int next, int after) {
    return weights[0] * before + weights[1] * nearest + weights[2] * next + weights[3] * after;
}

std::uint8_t toLuma(int value) {
    return static_cast<std::uint8_t>(std::clamp((value + 128) / 256, 0, 255));
}

// One row to twice its width.
void widen(const std::uint8_t* row, int width, std::uint8_t* out) {
    const auto pixel = [&](int x) { return int{row[std::clamp(x, 0, width - 1)]}; };
    for (int x = 0; x < width; ++x) {
        out[2 * x] = toLuma(mix(pixel(x + 1), pixel(x), pixel(x - 1), pixel(x - 2)));
        out[2 * x + 1] = toLuma(mix(pixel(x - 1), pixel(x), pixel(x + 1), pixel(x + 2)));
    }
}

} // namespace

void enlargeTwice(const hal::Frame& frame, Bytes& out) {
    const auto width = static_cast<std::size_t>(frame.width) * 2;
    const auto height = static_cast<std::size_t>(frame.height);
    out.resize(width * height * 2);
    Bytes wide(width * height);
    for (std::size_t y = 0; y < height; ++y)
        widen(frame.luma + y * static_cast<std::size_t>(frame.stride), frame.width, wide.data() + y * width);
    const auto row = [&](std::ptrdiff_t y) {
        return wide.data() +
               static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(y, 0, frame.height - 1)) * width;
    };
    for (std::ptrdiff_t y = 0; y < frame.height; ++y) {
        const std::array<const std::uint8_t*, 5> rows{row(y - 2), row(y - 1), row(y), row(y + 1), row(y + 2)};
        std::uint8_t* upper = out.data() + static_cast<std::size_t>(y) * 2 * width;
        std::uint8_t* lower = upper + width;
        for (std::size_t x = 0; x < width; ++x) {
            upper[x] = toLuma(mix(rows[3][x], rows[2][x], rows[1][x], rows[0][x]));
            lower[x] = toLuma(mix(rows[1][x], rows[2][x], rows[3][x], rows[4][x]));
        }
    }
}

} // namespace ykt::qr
