// Pictures of symbols for the reader, and what it says of them.
#pragma once

#include "hal/clock.h"
#include "qr/symbol_reader.h"
#include "sim/scene/presets.h"
#include "sim/scene/symbol.h"

#include <algorithm>
#include <random>

namespace ykt::test {

// Passes cost nothing by it, so that every frame gets every pass.
inline const hal::ManualClock standing(wallFromUnixSeconds(1'767'225'600));

inline Bytes randomPayload(std::size_t size, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Bytes bytes(size);
    std::ranges::generate(bytes, [&] { return static_cast<std::uint8_t>(random()); });
    return bytes;
}

// The one payload that a reader without a past sees, or the reason's name as bytes.
inline Bytes readOne(const sim::Image& image) {
    qr::SymbolReader reader(standing);
    const auto symbols = reader.read(image.frame());
    if (!symbols)
        return toBytes(nameOf(symbols.error().reason));
    return symbols->size() == 1 ? symbols->front().payload : toBytes("several");
}

inline sim::Image photographed(ByteView payload, const sim::SceneSettings& settings) {
    return sim::photograph(*sim::renderSymbol(payload, 1), settings);
}

// Two images side by side on white, each with its quiet zone.
inline sim::Image beside(const sim::Image& left, const sim::Image& right) {
    sim::Image both{left.width + right.width, std::max(left.height, right.height), {}};
    both.luma.assign(static_cast<std::size_t>(both.width * both.height), 255);
    const auto put = [&](const sim::Image& image, int offset) {
        for (int y = 0; y < image.height; ++y)
            std::copy_n(image.luma.begin() + y * image.width, image.width,
                        both.luma.begin() + y * both.width + offset);
    };
    put(left, 0);
    put(right, left.width);
    return both;
}

// The image's rows, each with `padding` more bytes that belong to no pixel.
inline Bytes withPadding(const sim::Image& image, int padding) {
    const int stride = image.width + padding;
    Bytes padded(static_cast<std::size_t>(stride * image.height), 0x5A);
    for (int y = 0; y < image.height; ++y)
        std::copy_n(image.luma.begin() + y * image.width, image.width, padded.begin() + y * stride);
    return padded;
}

} // namespace ykt::test
