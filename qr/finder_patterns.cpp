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
constexpr int mostChecks = 1000;           // candidates of one frame that are looked at from all sides
constexpr std::size_t mostCandidates = 96; // patterns of one frame that are kept

// Edges of a line, and those of the five runs after each.
using Edges = std::array<std::uint16_t, lanes + 5>;

// For each edge, 1 where the five runs that begin there fit 1:1:3:1:1, else 0. With 1.5 pixels a module a run
// of one is one, two or three pixels. Short integers and no branches, so that all are tried at once; where
// the whole is not too wide, nothing overflows.
std::array<std::uint16_t, lanes> fits(const Edges& edges) {
    std::array<std::uint16_t, lanes> fitting;
    for (std::size_t i = 0; i < lanes; ++i) {
        const auto run = [&](std::size_t from, std::size_t to) {
            return static_cast<std::uint16_t>(edges[i + to] - edges[i + from]);
        };
        const auto total = run(0, 5);
        const auto slack = static_cast<std::uint16_t>(7 + total / 4 + total / 8); // sevenths of a pixel
        const auto about = [=](std::uint16_t length, int modules) {
            const auto off = static_cast<std::uint16_t>(7 * length + slack - modules * total);
            return static_cast<std::uint16_t>(off <= static_cast<std::uint16_t>(2 * slack) ? 1 : 0);
        };
        const auto wide = static_cast<std::uint16_t>(total - leastWidth);
        fitting[i] = static_cast<std::uint16_t>(
            (wide <= mostWidth - leastWidth ? 1 : 0) & about(run(0, 1), 1) & about(run(1, 2), 1) &
            about(run(3, 4), 1) & about(run(4, 5), 1) & about(run(0, 2), 2) & about(run(3, 5), 2) &
            about(run(1, 3), 4) & about(run(2, 4), 4));
    }
    return fitting;
}

bool fitOne(const std::array<int, 6>& ends) {
    Edges edges{};
    std::ranges::transform(ends, edges.begin(), [](int end) { return static_cast<std::uint16_t>(end); });
    return fits(edges)[0] != 0;
}

// The same down the frame: where the middle of the core lies in this column. nullopt: no pattern.
std::optional<float> middleInColumn(const hal::Frame& frame, int x, int y, int threshold, bool inverted,
                                    int limit) {
    const auto stride = static_cast<std::ptrdiff_t>(frame.stride);
    const auto* start = frame.luma + y * stride + x;
    const auto isCore = [=](std::uint8_t luma) { return (luma < threshold) != inverted; };
    const auto walk = [&](int way, std::array<int, 3>& ends) { // rows at which the three squares end
        const int last = way < 0 ? std::min(y, limit) : std::min(frame.height - 1 - y, limit);
        bool wanted = true;
        std::size_t found = 0;
        for (int i = 1; i <= last; ++i)
            if (isCore(start[way * i * stride]) != wanted) {
                ends[found++] = i;
                if (found == ends.size())
                    return true;
                wanted = !wanted;
            }
        return false;
    };
    std::array<int, 3> up;
    std::array<int, 3> down;
    if (!isCore(*start) || !walk(-1, up) || !walk(1, down))
        return std::nullopt;
    const int top = up[2] - 1; // rows from the first of the pattern to the one looked at
    if (!fitOne({0, up[2] - up[1], up[2] - up[0], top + down[0], top + down[1], top + down[2]}))
        return std::nullopt;
    return static_cast<float>(y) + 0.5F + static_cast<float>(down[0] - up[0]) / 2.0F;
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
    for (int steps = 1; static_cast<float>(steps) * step <= limit; ++steps) {
        const float distance = static_cast<float>(steps) * step;
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

namespace {

constexpr std::size_t chunk = 64; // pixels, one bit each

// Bit i: pixel i is darker than its threshold.
std::uint64_t darkBits(const std::uint8_t* pixels, const std::uint8_t* thresholds) {
    std::uint64_t bits = 0;
    for (std::size_t at = 0; at < chunk; at += lanes) {
        std::array<std::uint8_t, lanes> pixel;
        std::array<std::uint8_t, lanes> threshold;
        std::array<std::uint8_t, lanes> dark;
        std::copy_n(pixels + at, lanes, pixel.begin());
        std::copy_n(thresholds + at, lanes, threshold.begin());
        for (std::size_t i = 0; i < lanes; ++i)
            dark[i] = pixel[i] < threshold[i] ? 1 : 0;
        for (std::size_t half = 0; half < lanes; half += 8) {
            // The product moves the lowest bit of byte i to bit 56 + i, and no two sums meet.
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, dark.data() + half, sizeof bytes);
            bits |= (bytes * 0x0102'0408'1020'4080U >> 56U) << (at + half);
        }
    }
    return bits;
}

} // namespace

void FinderPatternSearch::findEdges(const hal::Frame& frame, int y) {
    const auto width = static_cast<std::size_t>(frame.width);
    const auto* line = frame.luma + static_cast<std::size_t>(y) * static_cast<std::size_t>(frame.stride);
    auto* edge = edges_.data();
    std::uint64_t before = 0; // the pixel before the first is light
    for (std::size_t x = 0; x <= width; x += chunk) {
        std::array<std::uint8_t, chunk> last{};
        const auto* pixels = line + x;
        if (x + chunk > width) {
            std::copy_n(pixels, width - x, last.begin());
            pixels = last.data();
        }
        const std::uint64_t dark = darkBits(pixels, lineThresholds_.data() + x);
        for (std::uint64_t change = dark ^ (dark << 1U | before); change != 0; change &= change - 1)
            *edge++ = static_cast<std::uint16_t>(x + static_cast<std::size_t>(std::countr_zero(change)));
        before = dark >> (chunk - 1);
    }
    edgeCount_ = static_cast<std::size_t>(edge - edges_.data());
}

// A line begins light, so edges of even index begin a dark run.
void FinderPatternSearch::searchLine(const hal::Frame& frame, int y) {
    findEdges(frame, y);
    for (std::size_t first = 0; first + 5 < edgeCount_; first += lanes) {
        Edges edges;
        std::copy_n(edges_.begin() + static_cast<std::ptrdiff_t>(first), edges.size(), edges.begin());
        const auto fitting = fits(edges);
        for (std::size_t i = 0; i < lanes; ++i)
            if (fitting[i] != 0 && first + i + 5 < edgeCount_)
                consider(frame, y, edges.data() + i, (first + i) % 2 == 1);
    }
}

void FinderPatternSearch::consider(const hal::Frame& frame, int y, const std::uint16_t* edges,
                                   bool inverted) {
    const int middle = (edges[2] + edges[3]) / 2;
    const int width = edges[5] - edges[0];
    Point centre{static_cast<float>(edges[2] + edges[3]) / 2.0F, static_cast<float>(y) + 0.5F};
    const auto known = std::ranges::find_if(
        patterns_, [&](const FinderPattern& pattern) { return near(pattern, centre, inverted, 1.0F); });
    if (known != patterns_.end()) {
        ++known->seen;
        return;
    }
    const int threshold = threshold_.at(middle, y);
    const auto row = middleInColumn(frame, middle, y, threshold, inverted, width);
    if (!row || patterns_.size() >= mostCandidates || checksLeft_-- <= 0)
        return;
    centre.y = *row;
    const auto pattern = patternAround(LumaSampler(frame), centre, static_cast<float>(threshold), inverted,
                                       static_cast<float>(width));
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
    lineThresholds_.assign(width + chunk, 0); // beyond the line all is light
    edges_.resize(width + 2 * lanes);         // whole lanes can be read after the last
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
