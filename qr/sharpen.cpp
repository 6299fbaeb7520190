#include "qr/sharpen.h"

#include <algorithm>

namespace ykt::qr {
namespace {

const std::uint8_t* rowOf(const hal::Frame& frame, int y) {
    return frame.luma + static_cast<std::ptrdiff_t>(y) * frame.stride;
}

} // namespace

// The weights are 1 2 1 both ways, so that the mean is sum / 16.
void Sharpener::apply(const hal::Frame& frame, Bytes& out) {
    const auto width = static_cast<std::size_t>(frame.width);
    out.resize(width * static_cast<std::size_t>(frame.height));
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
            to[x] = static_cast<std::uint8_t>(std::clamp((32 * row[x] - sum) / 16, 0, 255));
        }
    }
}

} // namespace ykt::qr
