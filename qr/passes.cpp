#include "qr/passes.h"

#include "qr/scale.h"

#include <array>
#include <utility>

namespace ykt::qr {
namespace {

hal::Frame pictureOf(const Bytes& luma, int width, int height) {
    return {.luma = luma.data(), .width = width, .height = height, .stride = width, .taken = {}};
}

// Left and right of a symbol exchanged, as the finder saw it turned clockwise (SymbolPlace).
hal::Image transposed(const hal::Image& symbol) {
    hal::Image other{symbol.height, symbol.width, Bytes(symbol.luma.size())};
    for (int y = 0; y < symbol.height; ++y)
        for (int x = 0; x < symbol.width; ++x)
            other.luma[static_cast<std::size_t>(x * symbol.height + y)] =
                symbol.luma[static_cast<std::size_t>(y * symbol.width + x)];
    return other;
}

} // namespace

Workbench::Readings Workbench::straight(const hal::Frame& frame, const Spot& spot) {
    return readAt(frame, *spot.place);
}

Workbench::Readings Workbench::half(const hal::Frame& frame, const Spot& spot) {
    const auto part = crop(frame, spot.region);
    halve(part, picture_);
    return readAll(pictureOf(picture_, part.width / 2, part.height / 2), spot.region, 0.5F);
}

Workbench::Readings Workbench::sharpened(const hal::Frame& frame, const Spot& spot) {
    const auto part = crop(frame, spot.region);
    sharpener_.apply(part, picture_);
    return readAll(pictureOf(picture_, part.width, part.height), spot.region, 1.0F);
}

Workbench::Readings Workbench::twice(const hal::Frame& frame, const Spot& spot) {
    const auto part = crop(frame, spot.region);
    enlargeTwice(part, picture_);
    return readAll(pictureOf(picture_, part.width * 2, part.height * 2), spot.region, 2.0F);
}

// The picture shows the region and has `scale` pixels for each of the frame's.
Workbench::Readings Workbench::readAll(const hal::Frame& picture, const Region& region, float scale) {
    std::vector<PlacedReading> all;
    for (const auto& place : finder_.find(picture)) {
        auto readings = readAt(picture, place);
        if (!readings)
            return readings;
        for (auto& [reading, corners] : *readings) {
            for (auto& corner : corners)
                corner = {corner.x / scale + static_cast<float>(region.left),
                          corner.y / scale + static_cast<float>(region.top)};
            all.push_back({std::move(reading), corners});
        }
    }
    return all;
}

Workbench::Readings Workbench::readAt(const hal::Frame& picture, const SymbolPlace& place) {
    std::vector<PlacedReading> readings;
    if (!rectifier_.locate(picture, place))
        return readings;
    for (const auto sharpening : {Sharpening::fitted, Sharpening::none, Sharpening::strong}) {
        const auto symbol = rectifier_.rectified(sharpening);
        if (!symbol)
            continue;
        auto corners = symbol->corners;
        auto reading = decode(symbol->image);
        if (reading && !*reading) {
            reading = decode(transposed(symbol->image));
            std::swap(corners[1], corners[3]);
        }
        if (!reading)
            return failWith(reading);
        if (*reading) {
            readings.push_back({std::move(**reading), corners});
            break;
        }
    }
    return readings;
}

std::span<const Pass> spotPasses() {
    constexpr bool cheap = true;
    constexpr bool needsPlace = true;
    static constexpr std::array passes{
        Pass{"straight", &Workbench::straight, 10.0, cheap, needsPlace},
        Pass{"sharpened", &Workbench::sharpened, 12.0},
        Pass{"half", &Workbench::half, 6.0},
        Pass{"twice", &Workbench::twice, 25.0},
    };
    return passes;
}

std::span<const Pass> blindPasses() {
    static constexpr std::array passes{
        Pass{"frame, half", &Workbench::half, 2.0},
        Pass{"frame, sharpened", &Workbench::sharpened, 6.0},
        Pass{"frame, twice", &Workbench::twice, 20.0},
    };
    return passes;
}

} // namespace ykt::qr
