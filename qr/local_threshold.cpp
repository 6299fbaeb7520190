#include "qr/local_threshold.h"

#include <algorithm>
#include <array>

namespace ykt::qr {
namespace {

constexpr std::size_t lanes = 16; // loops of this constant length become vector code
constexpr std::size_t block = LocalThreshold::block;
using Lanes = std::array<std::uint8_t, lanes>;

std::uint8_t darker(std::uint8_t a, std::uint8_t b) {
    return a < b ? a : b;
}
std::uint8_t lighter(std::uint8_t a, std::uint8_t b) {
    return a < b ? b : a;
}

// The extremes of the first and the second half of the lanes.
template <std::uint8_t (*extreme)(std::uint8_t, std::uint8_t)>
std::array<std::uint8_t, 2> ofHalves(const Lanes& values) {
    std::array<std::uint8_t, lanes + block> folded{};
    std::ranges::copy(values, folded.begin());
    for (std::size_t reach = block / 2; reach > 0; reach /= 2) {
        Lanes next;
        for (std::size_t i = 0; i < lanes; ++i)
            next[i] = extreme(folded[i], folded[i + reach]);
        std::ranges::copy(next, folded.begin());
    }
    return {folded[0], folded[block]};
}

// Darkest and lightest of two blocks side by side.
void extremesOfTwo(const std::uint8_t* pixels, std::size_t stride, std::uint8_t* low, std::uint8_t* high) {
    Lanes lows;
    Lanes highs;
    std::copy_n(pixels, lanes, lows.begin());
    highs = lows;
    for (std::size_t row = 1; row < block; ++row) {
        Lanes line;
        std::copy_n(pixels + row * stride, lanes, line.begin());
        for (std::size_t i = 0; i < lanes; ++i)
            lows[i] = darker(lows[i], line[i]);
        for (std::size_t i = 0; i < lanes; ++i)
            highs[i] = lighter(highs[i], line[i]);
    }
    std::ranges::copy(ofHalves<darker>(lows), low);
    std::ranges::copy(ofHalves<lighter>(highs), high);
}

// Each value becomes the extreme of itself and its eight neighbours. `columns` is a multiple of `lanes`; the
// ends of rows meet, which blurs the frame's edges a little and no more.
template <std::uint8_t (*extreme)(std::uint8_t, std::uint8_t)>
void spread(Bytes& values, Bytes& spare, std::size_t columns) {
    const std::size_t count = values.size();
    const auto along = [count](const Bytes& from, Bytes& to, std::size_t step) {
        to = from;
        for (std::size_t at = 0; at + lanes <= count; at += lanes) {
            Lanes result;
            const auto* middle = from.data() + at;
            const auto* before = at >= step ? middle - step : middle;
            const auto* after = at + step + lanes <= count ? middle + step : middle;
            for (std::size_t i = 0; i < lanes; ++i)
                result[i] = extreme(extreme(before[i], after[i]), middle[i]);
            std::ranges::copy(result, to.begin() + static_cast<std::ptrdiff_t>(at));
        }
    };
    along(values, spare, 1);
    along(spare, values, columns);
}

// Luma steps that are more than noise makes in a wide neighbourhood. The calmest blocks of a frame show its
// noise: of Gaussian noise they span about four sigma, and eighty times as many pixels seven to eight. Where
// no block is calm, because a symbol fills the frame, its contrast is not taken for noise.
int leastContrast(const Bytes& low, const Bytes& high) {
    constexpr int ofQuietFrames = 20;
    constexpr int ofNoisyFrames = 100;
    std::array<std::size_t, 256> spans{};
    for (std::size_t i = 0; i < low.size(); ++i)
        ++spans[static_cast<std::size_t>(high[i] - low[i])];
    const std::size_t calmest = low.size() / 20;
    std::size_t passed = 0;
    int span = 0;
    while (span < 255 && (passed += spans[static_cast<std::size_t>(span)]) <= calmest)
        ++span;
    return std::clamp(span * 5 / 2, ofQuietFrames, ofNoisyFrames);
}

} // namespace

void LocalThreshold::measureBlocks(const hal::Frame& frame) {
    const auto width = static_cast<std::size_t>(frame.width);
    const auto height = static_cast<std::size_t>(frame.height);
    const auto stride = static_cast<std::size_t>(frame.stride);
    const std::size_t filled = (width + block - 1) / block;
    columns_ = (filled + lanes - 1) / lanes * lanes;
    rows_ = (height + block - 1) / block;
    low_.resize(columns_ * rows_);
    high_.resize(columns_ * rows_);
    for (std::size_t row = 0; row < rows_; ++row) {
        const auto* line = frame.luma + std::min(row * block, height - block) * stride;
        auto* low = low_.data() + row * columns_;
        auto* high = high_.data() + row * columns_;
        for (std::size_t column = 0; column < filled; column += 2)
            extremesOfTwo(line + std::min(column * block, width - lanes), stride, low + column,
                          high + column);
        std::fill(low + filled, low + columns_, low[filled - 1]);
        std::fill(high + filled, high + columns_, high[filled - 1]);
    }
}

void LocalThreshold::measure(const hal::Frame& frame) {
    measureBlocks(frame);
    const int least = leastContrast(low_, high_);
    spread<darker>(low_, spare_, columns_);
    spread<lighter>(high_, spare_, columns_);
    wideLow_ = low_;
    wideHigh_ = high_;
    for (int ring = 0; ring < 3; ++ring) {
        spread<darker>(wideLow_, spare_, columns_);
        spread<lighter>(wideHigh_, spare_, columns_);
    }
    thresholds_.resize(low_.size());
    for (std::size_t i = 0; i < thresholds_.size(); ++i) {
        const int contrast = high_[i] - low_[i];
        const int wideContrast = wideHigh_[i] - wideLow_[i];
        const int sum = contrast * 3 >= wideContrast ? low_[i] + high_[i] : wideLow_[i] + wideHigh_[i];
        thresholds_[i] = wideContrast < least ? std::uint8_t{0} : static_cast<std::uint8_t>((sum + 1) / 2);
    }
}

} // namespace ykt::qr
