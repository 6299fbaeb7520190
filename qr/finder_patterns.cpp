#include "qr/finder_patterns.h"

#include "qr/luma_sampler.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace ykt::qr {
namespace {

constexpr int lineStep = 2;
constexpr std::size_t lanes = 16;          // loops of this constant length become vector code
constexpr int leastWidth = 9;              // pixels of a whole pattern
constexpr int mostWidth = 220;             // pixels of a whole pattern: 20 a module, on the diagonal
constexpr int mostChecks = 6000;           // candidates of one frame that are looked at across
constexpr std::size_t mostCandidates = 96; // patterns of one frame that are kept

// Do five runs fit 1:1:3:1:1? With 1.5 pixels a module a run of one is one, two or three pixels.
bool fits(int a, int b, int c, int d, int e) {
    if (c <= b || c <= d)
        return false;
    const int total = a + b + c + d + e;
    if (total < leastWidth || total > mostWidth)
        return false;
    const int slack = 6 + total / 3; // sevenths of a pixel
    const auto one = [=](int run) { return std::abs(7 * run - total) <= slack; };
    return one(a) && one(b) && one(d) && one(e) && std::abs(7 * c - 3 * total) <= slack + total / 4;
}

// Distances from the middle at which a line leaves the core, the ring around it, and the pattern.
using Crossings = std::array<float, 3>;

// Along one ray; nullopt: they do not come within `limit` pixels.
std::optional<Crossings> crossingsAlong(const LumaSampler& luma, Point from, Point direction, float threshold,
                                        bool inverted, float limit) {
    constexpr float step = 0.7F; // pixels
    const float sign = inverted ? -1.0F : 1.0F;
    Crossings crossings{};
    std::size_t found = 0;
    float wanted = -1.0F; // sign of luma above threshold on the side that the ray is on
    float before = sign * (luma.at(from) - threshold);
    if (before >= 0.0F)
        return std::nullopt;
    for (float distance = step; distance <= limit; distance += step) {
        const float here =
            sign * (luma.at(from.x + direction.x * distance, from.y + direction.y * distance) - threshold);
        if (here * wanted < 0.0F) {
            crossings[found++] = distance - step * here / (here - before);
            if (found == crossings.size())
                return crossings;
            wanted = -wanted;
        }
        before = here;
    }
    return std::nullopt;
}

constexpr float diagonal = 0.70710678F;
constexpr std::array<Point, 4> directions{Point{1.0F, 0.0F}, Point{diagonal, diagonal}, Point{0.0F, 1.0F},
                                          Point{-diagonal, diagonal}};

// How one line through a pattern crosses it.
struct Line {
    float offset; // of the true middle from the assumed one, along the line, pixels
    float module; // pixels
};

std::optional<Line> crossLine(const LumaSampler& luma, Point centre, Point direction, float threshold,
                              bool inverted, float limit) {
    const auto ahead = crossingsAlong(luma, centre, direction, threshold, inverted, limit);
    if (!ahead)
        return std::nullopt;
    const auto behind =
        crossingsAlong(luma, centre, {-direction.x, -direction.y}, threshold, inverted, limit);
    if (!behind)
        return std::nullopt;
    const float module = ((*ahead)[2] + (*behind)[2]) / 7.0F;
    const float slack = 0.35F + 0.25F * module;
    float offset = 0.0F;
    for (std::size_t i = 0; i < ahead->size(); ++i) {
        const float width = static_cast<float>(3 + 2 * i) * module;
        if (std::abs((*ahead)[i] + (*behind)[i] - width) > 2.0F * slack)
            return std::nullopt;
        offset += ((*ahead)[i] - (*behind)[i]) / 6.0F;
    }
    return Line{offset, module};
}

// The pattern around a point within its core, if there is one.
std::optional<FinderPattern> patternAround(const LumaSampler& luma, Point centre, float threshold,
                                           bool inverted, float width) {
    const float limit = width + 4.0F; // pixels: what was the whole width on one line is enough for half
    const auto down = crossLine(luma, centre, directions[2], threshold, inverted, limit);
    if (!down)
        return std::nullopt;
    centre.y += down->offset;
    FinderPattern pattern{.centre = centre, .widths = {}, .inverted = inverted, .seen = 1};
    for (std::size_t i = 0; i < directions.size(); ++i) {
        const auto line = crossLine(luma, centre, directions[i], threshold, inverted, limit);
        if (!line)
            return std::nullopt;
        pattern.widths[i] = line->module;
        // The mean over four directions of the plane counts each of its axes twice.
        pattern.centre.x += directions[i].x * line->offset / 2.0F;
        pattern.centre.y += directions[i].y * line->offset / 2.0F;
    }
    const auto [least, most] = std::ranges::minmax(pattern.widths);
    if (most > 2.2F * least)
        return std::nullopt;
    return pattern;
}

bool near(const FinderPattern& pattern, Point point, bool inverted, float modules) {
    const float reach = modules * std::ranges::min(pattern.widths);
    return pattern.inverted == inverted && std::abs(pattern.centre.x - point.x) < reach &&
           std::abs(pattern.centre.y - point.y) < reach;
}

} // namespace

void FinderPatternSearch::findEdges(const hal::Frame& frame, int y) {
    const auto width = static_cast<std::size_t>(frame.width);
    const auto* line = frame.luma + static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.stride);
    std::size_t x = 0;
    for (; x + lanes <= width; x += lanes) {
        const auto* pixels = line + x;
        const auto* thresholds = lineThresholds_.data() + x;
        std::array<std::uint8_t, lanes> dark;
        for (std::size_t i = 0; i < lanes; ++i)
            dark[i] = pixels[i] < thresholds[i] ? 1 : 0;
        std::ranges::copy(dark, dark_.begin() + static_cast<std::ptrdiff_t>(x) + 1);
    }
    for (; x < width; ++x)
        dark_[x + 1] = line[x] < lineThresholds_[x] ? 1 : 0;

    auto* edge = edges_.data();
    constexpr std::size_t wordSize = sizeof(std::uint64_t);
    for (std::size_t at = 0; at < width; at += wordSize) {
        std::uint64_t here = 0;
        std::uint64_t before = 0;
        std::memcpy(&here, dark_.data() + at + 1, wordSize);
        std::memcpy(&before, dark_.data() + at, wordSize);
        for (std::uint64_t change = here ^ before; change != 0; change &= change - 1)
            *edge++ = static_cast<std::uint16_t>(at + static_cast<std::size_t>(std::countr_zero(change)) / 8);
    }
    edgeCount_ = static_cast<std::size_t>(edge - edges_.data());
}

// The edges of a line that begins light: those of even index begin a dark run.
void FinderPatternSearch::searchLine(const hal::Frame& frame, int y) {
    findEdges(frame, y);
    for (std::size_t i = 0; i + 5 < edgeCount_; ++i) {
        const auto* edge = edges_.data() + i;
        const int ring = edge[2] - edge[1];
        const int core = edge[3] - edge[2];
        const int ringAfter = edge[4] - edge[3];
        if (core > ring && core > ringAfter &&
            fits(edge[1] - edge[0], ring, core, ringAfter, edge[5] - edge[4]))
            consider(frame, y, edge, i % 2 == 1);
    }
}

void FinderPatternSearch::consider(const hal::Frame& frame, int y, const std::uint16_t* edges,
                                   bool inverted) {
    const Point centre{static_cast<float>(edges[2] + edges[3]) / 2.0F, static_cast<float>(y) + 0.5F};
    const auto known = std::ranges::find_if(
        patterns_, [&](const FinderPattern& pattern) { return near(pattern, centre, inverted, 1.0F); });
    if (known != patterns_.end()) {
        ++known->seen;
        return;
    }
    if (checksLeft_-- <= 0 || patterns_.size() >= mostCandidates)
        return;
    const auto threshold = static_cast<float>(threshold_.at((edges[2] + edges[3]) / 2, y));
    auto pattern = patternAround(LumaSampler(frame), centre, threshold, inverted,
                                 static_cast<float>(edges[5] - edges[0]));
    if (!pattern)
        return;
    const auto same = std::ranges::find_if(
        patterns_, [&](const FinderPattern& other) { return near(other, pattern->centre, inverted, 2.0F); });
    if (same != patterns_.end())
        ++same->seen;
    else
        patterns_.push_back(*pattern);
}

const std::vector<FinderPattern>& FinderPatternSearch::search(const hal::Frame& frame) {
    const auto width = static_cast<std::size_t>(frame.width);
    threshold_.measure(frame);
    lineThresholds_.resize(width);
    dark_.assign(width + lanes, 0); // the pixel before the first, and a word after the last, are light
    edges_.resize(width + lanes);
    patterns_.clear();
    checksLeft_ = mostChecks;
    for (int y = 0; y < frame.height; y += lineStep) {
        if (y % LocalThreshold::block < lineStep)
            for (std::size_t x = 0; x < width; ++x)
                lineThresholds_[x] = threshold_.at(static_cast<int>(x), y);
        searchLine(frame, y);
    }
    std::ranges::stable_sort(patterns_, std::ranges::greater{}, &FinderPattern::seen);
    if (patterns_.size() > mostPatterns)
        patterns_.resize(mostPatterns);
    return patterns_;
}

} // namespace ykt::qr
