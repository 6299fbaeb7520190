#include "qr/symbol_finder.h"

#include <algorithm>
#include <cmath>

namespace ykt::qr {
namespace {

constexpr int longestSide = 8192; // pixels

Point between(Point from, Point to) {
    return {to.x - from.x, to.y - from.y};
}
float length(Point vector) {
    return std::hypot(vector.x, vector.y);
}

// Pixels a module along the sides of the pattern, when its top side points that way: a line that crosses a
// square aslant is longer by the cosine.
float moduleSize(const FinderPattern& pattern, Point side) {
    const float angle = std::atan2(side.y, side.x);
    constexpr float eighth = 0.78539816F; // of a turn
    float sum = 0.0F;
    for (std::size_t i = 0; i < pattern.widths.size(); ++i) {
        const float aslant = angle - static_cast<float>(i) * eighth;
        sum += pattern.widths[i] * std::max(std::abs(std::cos(aslant)), std::abs(std::sin(aslant)));
    }
    return sum / static_cast<float>(pattern.widths.size());
}

struct Scored {
    SymbolPlace place;
    float misfit; // 0: a square symbol seen straight
};

// The square of how far a ratio is from one, alike for a ratio and its inverse.
float unlike(float a, float b) {
    const float ratio = std::log(a / b);
    return ratio * ratio;
}

void judge(const FinderPattern& corner, const FinderPattern& a, const FinderPattern& b,
           std::vector<Scored>& places) {
    const Point toA = between(corner.centre, a.centre);
    const Point toB = between(corner.centre, b.centre);
    const float lengthA = length(toA);
    const float lengthB = length(toB);
    if (!(lengthA > 1.0F && lengthB > 1.0F) || lengthA > 2.0F * lengthB || lengthB > 2.0F * lengthA)
        return;
    const float cosine = (toA.x * toB.x + toA.y * toB.y) / (lengthA * lengthB);
    if (std::abs(cosine) > 0.45F)
        return;
    const float sizeCorner = moduleSize(corner, toA);
    const float sizeA = moduleSize(a, toA);
    const float sizeB = moduleSize(b, toA);
    const auto [least, most] = std::minmax({sizeCorner, sizeA, sizeB});
    if (most > 1.7F * least)
        return;
    const float size = (sizeCorner + sizeA + sizeB) / 3.0F;
    const float modules = (lengthA + lengthB) / (2.0F * size);
    constexpr float fewest = 14.0F * 0.75F; // between the middles in version 1
    constexpr float most40 = 170.0F * 1.2F; // and in version 40
    if (modules < fewest || modules > most40)
        return;
    const bool aIsRight = toA.x * toB.y - toA.y * toB.x > 0.0F;
    const float misfit = unlike(lengthA, lengthB) + 2.0F * cosine * cosine + unlike(sizeA, sizeB) +
                         unlike(sizeA, sizeCorner) + unlike(sizeB, sizeCorner);
    places.push_back({{.topLeft = corner.centre,
                       .topRight = aIsRight ? a.centre : b.centre,
                       .bottomLeft = aIsRight ? b.centre : a.centre,
                       .moduleSize = size,
                       .inverted = corner.inverted},
                      misfit});
}

} // namespace

bool SymbolFinder::isSearchable(const hal::Frame& frame) {
    return frame.luma != nullptr && frame.width >= FinderPatternSearch::leastSide &&
           frame.height >= FinderPatternSearch::leastSide && frame.width <= longestSide &&
           frame.height <= longestSide && frame.stride >= frame.width;
}

std::vector<SymbolPlace> SymbolFinder::find(const hal::Frame& frame) {
    if (!isSearchable(frame))
        return {};
    const auto& patterns = search_.search(frame);
    std::vector<Scored> scored;
    for (const auto& corner : patterns)
        for (std::size_t a = 0; a + 1 < patterns.size(); ++a)
            for (std::size_t b = a + 1; b < patterns.size(); ++b)
                if (&corner != &patterns[a] && &corner != &patterns[b] &&
                    corner.inverted == patterns[a].inverted && corner.inverted == patterns[b].inverted)
                    judge(corner, patterns[a], patterns[b], scored);
    std::ranges::sort(scored, {}, &Scored::misfit);
    std::vector<SymbolPlace> places;
    for (std::size_t i = 0; i < std::min(scored.size(), mostPlaces); ++i)
        places.push_back(scored[i].place);
    return places;
}

} // namespace ykt::qr
