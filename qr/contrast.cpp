#include "qr/contrast.h"

#include <algorithm>

namespace ykt::qr {
namespace {

const std::uint8_t* rowOf(const hal::Frame& frame, int y) {
    return frame.luma + static_cast<std::ptrdiff_t>(y) * frame.stride;
}

void resizeTo(const hal::Frame& frame, Bytes& out) {
    out.resize(static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
}

// One row: each pixel against the mean of its square, whose columns are summed already.
void thresholdRow(const std::uint8_t* row, const std::vector<std::uint32_t>& columns, int rows, int reach,
                  std::uint8_t* out) {
    const int width = static_cast<int>(columns.size());
    std::uint32_t sum = 0;
    for (int x = 0; x < std::min(reach, width); ++x)
        sum += columns[static_cast<std::size_t>(x)];
    for (int x = 0; x < width; ++x) {
        if (x + reach < width)
            sum += columns[static_cast<std::size_t>(x + reach)];
        if (x - reach > 0)
            sum -= columns[static_cast<std::size_t>(x - reach - 1)];
        const int across = std::min(x + reach, width - 1) - std::max(x - reach, 0) + 1;
        out[x] =
            static_cast<std::uint32_t>(row[x]) * static_cast<std::uint32_t>(rows * across) < sum ? 0 : 255;
    }
}

} // namespace

void invert(const hal::Frame& frame, Bytes& out) {
    resizeTo(frame, out);
    auto* to = out.data();
    for (int y = 0; y < frame.height; ++y, to += frame.width)
        std::transform(rowOf(frame, y), rowOf(frame, y) + frame.width, to,
                       [](std::uint8_t luma) { return static_cast<std::uint8_t>(~luma); });
}

// The weights are 1 2 1 both ways, so that the mean is sum / 16.
void Sharpener::apply(const hal::Frame& frame, int strength, Bytes& out) {
    resizeTo(frame, out);
    const auto width = static_cast<std::size_t>(frame.width);
    columns_.resize(width + 2); // edges repeated
    auto* to = out.data();
    for (int y = 0; y < frame.height; ++y, to += width) {
        const auto* above = rowOf(frame, std::max(y - 1, 0));
        const auto* row = rowOf(frame, y);
        const auto* below = rowOf(frame, std::min(y + 1, frame.height - 1));
        auto* sums = columns_.data() + 1;
        for (std::size_t x = 0; x < width; ++x)
            sums[x] = static_cast<std::int16_t>(above[x] + 2 * row[x] + below[x]);
        columns_.front() = columns_[1];
        columns_.back() = columns_[width];
        for (std::size_t x = 0; x < width; ++x) {
            const int sum = columns_[x] + 2 * columns_[x + 1] + columns_[x + 2];
            to[x] = static_cast<std::uint8_t>(
                std::clamp((16 * (1 + strength) * row[x] - strength * sum) / 16, 0, 255));
        }
    }
}

void MeanThreshold::apply(const hal::Frame& frame, int reach, Bytes& out) {
    resizeTo(frame, out);
    const auto width = static_cast<std::size_t>(frame.width);
    columns_.assign(width, 0);
    const auto add = [&](int y) {
        const auto* row = rowOf(frame, y);
        for (std::size_t x = 0; x < width; ++x)
            columns_[x] += row[x];
    };
    const auto take = [&](int y) {
        const auto* row = rowOf(frame, y);
        for (std::size_t x = 0; x < width; ++x)
            columns_[x] -= row[x];
    };
    for (int y = 0; y < std::min(reach, frame.height); ++y)
        add(y);
    for (int y = 0; y < frame.height; ++y) {
        if (y + reach < frame.height)
            add(y + reach);
        if (y - reach > 0)
            take(y - reach - 1);
        const int rows = std::min(y + reach, frame.height - 1) - std::max(y - reach, 0) + 1;
        thresholdRow(rowOf(frame, y), columns_, rows, reach,
                     out.data() + static_cast<std::size_t>(y) * width);
    }
}

} // namespace ykt::qr
