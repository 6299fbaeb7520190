#include "qr/scale.h"

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
    return static_cast<std::uint8_t>(std::clamp((value + 128) >> 8, 0, 255));
}

// One row to twice its width. Two more pixels can be read before and after the row.
void widen(const std::uint8_t* row, std::size_t width, std::uint8_t* out) {
    for (const auto* end = row + width; row != end; ++row) {
        *out++ = toLuma(mix(row[1], row[0], row[-1], row[-2]));
        *out++ = toLuma(mix(row[-1], row[0], row[1], row[2]));
    }
}

} // namespace

void enlargeTwice(const hal::Frame& frame, Bytes& out) {
    const auto narrow = static_cast<std::size_t>(frame.width);
    const auto width = narrow * 2;
    const auto height = static_cast<std::size_t>(frame.height);
    out.resize(width * height * 2);
    Bytes wide(width * height);
    Bytes padded(narrow + 4);
    for (std::size_t y = 0; y < height; ++y) {
        const auto* luma = frame.luma + y * static_cast<std::size_t>(frame.stride);
        std::copy_n(luma, narrow, padded.begin() + 2);
        padded[0] = padded[1] = luma[0];
        padded[narrow + 2] = padded[narrow + 3] = luma[narrow - 1];
        widen(padded.data() + 2, narrow, wide.data() + y * width);
    }
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

void halve(const hal::Frame& frame, Bytes& out) {
    const int width = frame.width / 2;
    const int height = frame.height / 2;
    out.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    auto* to = out.data();
    for (int y = 0; y < height; ++y, to += width) {
        const auto* upper = frame.luma + static_cast<std::ptrdiff_t>(2 * y) * frame.stride;
        const auto* lower = upper + frame.stride;
        for (int x = 0; x < width; ++x)
            to[x] = static_cast<std::uint8_t>(
                (upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1] + 2) / 4);
    }
}

} // namespace ykt::qr
