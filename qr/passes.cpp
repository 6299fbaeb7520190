#include "qr/passes.h"

#include "qr/enlarge.h"

#include <array>

namespace ykt::qr {
namespace {

constexpr int strength = 3;       // of sharpening; the most reads at 1.6 pixels a module, and none fewer at 4
constexpr int thresholdReach = 8; // pixels

hal::Frame pictureOf(const Bytes& luma, int width, int height) {
    return {.luma = luma.data(), .width = width, .height = height, .stride = width, .taken = {}};
}

// The corners of a picture of the region, which has `scale` pixels for each of the frame's, in the frame.
Workbench::Readings inFrame(Workbench::Readings readings, const Region& region, float scale) {
    if (readings)
        for (auto& reading : *readings)
            for (auto& corner : reading.corners)
                corner = {corner.x / scale + static_cast<float>(region.left),
                          corner.y / scale + static_cast<float>(region.top)};
    return readings;
}

// Each pixel the mean of four.
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

} // namespace

Workbench::Readings Workbench::straight(const hal::Frame& frame, const Spot& spot) {
    if (!rectifier_.locate(frame, *spot.place))
        return std::vector<Reading>{};
    for (const auto sharpening : {Sharpening::fitted, Sharpening::none, Sharpening::strong}) {
        const auto symbol = rectifier_.rectified(sharpening);
        auto readings = decode(symbol.image.frame(), Picture::straight);
        if (readings && readings->empty())
            continue;
        if (readings)
            readings->front().corners = symbol.corners;
        return readings;
    }
    return std::vector<Reading>{};
}

Workbench::Readings Workbench::plain(const hal::Frame& frame, const Spot& spot) {
    return inFrame(decode(part(frame, spot), Picture::grey), spot.region, 1.0F);
}

Workbench::Readings Workbench::twice(const hal::Frame& frame, const Spot& spot) {
    return inFrame(decode(enlarged(part(frame, spot)), Picture::grey), spot.region, 2.0F);
}

Workbench::Readings Workbench::sharpenedTwice(const hal::Frame& frame, const Spot& spot) {
    return inFrame(decode(enlarged(sharpened(part(frame, spot))), Picture::grey), spot.region, 2.0F);
}

Workbench::Readings Workbench::threshold(const hal::Frame& frame, const Spot& spot) {
    return inFrame(decode(judged(part(frame, spot)), Picture::binary), spot.region, 1.0F);
}

Workbench::Readings Workbench::sharpenedTwiceThreshold(const hal::Frame& frame, const Spot& spot) {
    return inFrame(decode(judged(enlarged(sharpened(part(frame, spot)))), Picture::binary), spot.region,
                   2.0F);
}

Workbench::Readings Workbench::inverted(const hal::Frame& frame, const Spot& spot) {
    invert(crop(frame, spot.region), invertedPart_);
    const auto picture = pictureOf(invertedPart_, spot.region.width, spot.region.height);
    return inFrame(decode(picture, Picture::grey), spot.region, 1.0F);
}

Workbench::Readings Workbench::half(const hal::Frame& frame, const Spot& spot) {
    if (spot.region.width < 2 || spot.region.height < 2)
        return std::vector<Reading>{};
    halve(part(frame, spot), halfPart_);
    const auto picture = pictureOf(halfPart_, spot.region.width / 2, spot.region.height / 2);
    return inFrame(decode(picture, Picture::grey), spot.region, 0.5F);
}

hal::Frame Workbench::part(const hal::Frame& frame, const Spot& spot) {
    const auto picture = crop(frame, spot.region);
    if (!spot.place || !spot.place->inverted)
        return picture;
    invert(picture, invertedPart_);
    return pictureOf(invertedPart_, picture.width, picture.height);
}

hal::Frame Workbench::enlarged(const hal::Frame& picture) {
    enlargeTwice(picture, enlargedPart_);
    return pictureOf(enlargedPart_, picture.width * 2, picture.height * 2);
}

hal::Frame Workbench::sharpened(const hal::Frame& picture) {
    sharpener_.apply(picture, strength, sharpenedPart_);
    return pictureOf(sharpenedPart_, picture.width, picture.height);
}

hal::Frame Workbench::judged(const hal::Frame& picture) {
    threshold_.apply(picture, thresholdReach, judgedPart_);
    return pictureOf(judgedPart_, picture.width, picture.height);
}

std::span<const Pass> spotPasses() {
    constexpr bool cheap = true;
    constexpr bool needsPlace = true;
    static constexpr std::array passes{
        Pass{"straight", &Workbench::straight, 10.0, cheap, needsPlace},
        Pass{"plain", &Workbench::plain, 14.0},
        Pass{"sharpened, twice", &Workbench::sharpenedTwice, 42.0},
        Pass{"twice", &Workbench::twice, 32.0},
        Pass{"threshold", &Workbench::threshold, 16.0},
        Pass{"sharpened, twice, threshold", &Workbench::sharpenedTwiceThreshold, 50.0},
    };
    return passes;
}

std::span<const Pass> blindPasses() {
    static constexpr std::array passes{
        Pass{"frame", &Workbench::plain, 6.0},
        Pass{"frame, sharpened, twice", &Workbench::sharpenedTwice, 42.0},
        Pass{"frame, inverted", &Workbench::inverted, 6.0},
        Pass{"frame, half", &Workbench::half, 2.0},
    };
    return passes;
}

} // namespace ykt::qr
