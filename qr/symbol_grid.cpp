#include "qr/symbol_grid.h"

#include "qr/function_patterns.h"
#include "qr/luma_sampler.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ykt::qr {
namespace {

constexpr float finderMiddle = 3.5F; // modules from the symbol's edge
constexpr float timingMiddle = 6.5F;

// How well a timing pattern shows: the correlation, -1..1, of the modules between the finder patterns with
// dark and light in turn. Four by four, each about their own mean, so that it is sharp where the light
// changes along the line.
template <typename PointOfModule>
float timingContrast(const LumaSampler& luma, int dimension, PointOfModule pointOf) {
    constexpr int group = 4;
    float agreeing = 0.0F;
    float energy = 1.0F;
    int count = 0;
    for (int first = 6; first + group <= dimension - 6; first += group) {
        std::array<float, group> seen;
        for (int i = 0; i < group; ++i)
            seen[static_cast<std::size_t>(i)] = luma.at(pointOf(static_cast<float>(first + i) + 0.5F));
        const float mean = (seen[0] + seen[1] + seen[2] + seen[3]) / group;
        agreeing += seen[1] - seen[0] + seen[3] - seen[2];
        for (const float value : seen)
            energy += (value - mean) * (value - mean);
        count += group;
    }
    return agreeing / std::sqrt(static_cast<float>(count) * energy);
}

struct Timing {
    float contrast = -1.0F;
    float perspective = 0.0F; // along this timing pattern
};

// The perspective along one side that shows its timing pattern best. Large modules show it alike over a range
// of perspectives, whose middle is the likeliest.
Timing searchTiming(const LumaSampler& luma, const SymbolPlace& place, int dimension, bool along) {
    constexpr float most = 0.3F;           // change of scale along one side
    constexpr float shiftInMiddle = 0.25F; // modules from one try to the next
    constexpr int fewest = 8;
    constexpr int mostTries = static_cast<int>(most * largestDimension / 4.0F / shiftInMiddle) + 1;
    const auto side = static_cast<float>(dimension - 7);
    const int tries = std::max(fewest, static_cast<int>(most * side / 4.0F / shiftInMiddle) + 1);
    // Of contrasts: a short timing pattern has few modules to tell one perspective from the next.
    const float alike = std::max(0.08F, 2.0F / (side - 6.0F));
    const float sign = place.inverted ? -1.0F : 1.0F;
    std::array<float, 2 * mostTries + 1> contrasts;
    Timing best;
    for (int i = 0; i <= 2 * tries; ++i) {
        const float tried = most * static_cast<float>(i - tries) / static_cast<float>(tries);
        const auto grid = Homography::ofThree(place.topLeft, place.topRight, place.bottomLeft, finderMiddle,
                                              side, along ? Point{tried, 0.0F} : Point{0.0F, tried});
        contrasts[static_cast<std::size_t>(i)] =
            sign * timingContrast(luma, dimension, [&](float module) {
                return along ? grid(module, timingMiddle) : grid(timingMiddle, module);
            });
        best.contrast = std::max(best.contrast, contrasts[static_cast<std::size_t>(i)]);
    }
    int sum = 0;
    int count = 0;
    for (int i = 0; i <= 2 * tries; ++i)
        if (contrasts[static_cast<std::size_t>(i)] >= best.contrast - alike) {
            sum += i - tries;
            ++count;
        }
    best.perspective = most * static_cast<float>(sum) / static_cast<float>(count * tries);
    return best;
}

std::optional<SymbolGrid> gridByTiming(const LumaSampler& luma, const SymbolPlace& place) {
    const auto apart = [](Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); };
    const float modules = (apart(place.topLeft, place.topRight) + apart(place.topLeft, place.bottomLeft)) /
                          (2.0F * place.moduleSize);
    const float doubt = 2.5F + 0.1F * modules;
    float bestContrast = 0.95F; // of both timing patterns together
    std::optional<SymbolGrid> best;
    for (int dimension = smallestDimension; dimension <= largestDimension; dimension += 4) {
        if (!(std::abs(static_cast<float>(dimension - 7) - modules) <= doubt))
            continue;
        const auto across = searchTiming(luma, place, dimension, true);
        const auto down = searchTiming(luma, place, dimension, false);
        if (across.contrast + down.contrast <= bestContrast)
            continue;
        bestContrast = across.contrast + down.contrast;
        best = SymbolGrid{dimension, Homography::ofThree(place.topLeft, place.topRight, place.bottomLeft,
                                                         finderMiddle, static_cast<float>(dimension - 7),
                                                         {across.perspective, down.perspective})};
    }
    return best;
}

// A picture of concentric squares, sought near where a grid says that it should be.
class SquaresSearch {
  public:
    // `size` modules a side; `lightRing` counts from the middle.
    SquaresSearch(int size, int lightRing) : size_(size) {
        float sum = 0.0F;
        for (int y = 0; y < size; ++y)
            for (int x = 0; x < size; ++x) {
                const int ring = std::max(std::abs(x - size / 2), std::abs(y - size / 2));
                signs_.push_back(ring == lightRing || ring > lightRing + 1 ? 1.0F : -1.0F);
                sum += signs_.back();
            }
        for (auto& sign : signs_) {
            sign -= sum / static_cast<float>(size * size);
            energy_ += sign * sign;
        }
    }

    struct Match {
        Point shift;           // modules
        float likeness = 0.0F; // correlation, -1..1
    };
    // Within `reach` modules of `middle`.
    Match search(const LumaSampler& luma, const SymbolGrid& grid, Point middle, float reach, bool inverted) {
        const int steps = static_cast<int>(reach * perModule);
        samplePatch(luma, grid, middle, steps);
        likeness_.assign(static_cast<std::size_t>((2 * steps + 1) * (2 * steps + 1)), 0.0F);
        int best = 0;
        for (int y = 0; y <= 2 * steps; ++y)
            for (int x = 0; x <= 2 * steps; ++x) {
                const int at = y * (2 * steps + 1) + x;
                likeness_[static_cast<std::size_t>(at)] = likenessAt(x, y) * (inverted ? -1.0F : 1.0F);
                if (likeness_[static_cast<std::size_t>(at)] > likeness_[static_cast<std::size_t>(best)])
                    best = at;
            }
        const int row = 2 * steps + 1;
        const int x = best % row;
        const int y = best / row;
        return {{(static_cast<float>(x - steps) + peak(best, 1, x > 0 && x < 2 * steps)) / perModule,
                 (static_cast<float>(y - steps) + peak(best, row, y > 0 && y < 2 * steps)) / perModule},
                likeness_[static_cast<std::size_t>(best)]};
    }

  private:
    static constexpr int perModule = 4; // places tried along each axis

    void samplePatch(const LumaSampler& luma, const SymbolGrid& grid, Point middle, int steps) {
        patchRow_ = (size_ - 1) * perModule + 2 * steps + 1;
        patch_.resize(static_cast<std::size_t>(patchRow_ * patchRow_));
        const float half = static_cast<float>(patchRow_ - 1) / 2.0F; // an odd number of places
        auto out = patch_.begin();
        for (int y = 0; y < patchRow_; ++y)
            for (int x = 0; x < patchRow_; ++x)
                *out++ = luma.at(grid.toFrame(middle.x + (static_cast<float>(x) - half) / perModule,
                                              middle.y + (static_cast<float>(y) - half) / perModule));
    }
    [[nodiscard]] float likenessAt(int left, int top) const {
        float product = 0.0F;
        float sum = 0.0F;
        float squares = 1.0F;
        const auto* sign = signs_.data();
        for (int y = 0; y < size_; ++y) {
            const auto* row = patch_.data() + (top + y * perModule) * patchRow_ + left;
            for (int x = 0; x < size_; ++x) {
                const float value = row[x * perModule];
                product += value * *sign++;
                sum += value;
                squares += value * value;
            }
        }
        const float variance = squares - sum * sum / static_cast<float>(size_ * size_);
        return product / std::sqrt(energy_ * std::max(variance, 1.0F));
    }
    // Of a parabola through the best and its neighbours, in steps.
    [[nodiscard]] float peak(int best, int step, bool inside) const {
        if (!inside)
            return 0.0F;
        const float before = likeness_[static_cast<std::size_t>(best - step)];
        const float here = likeness_[static_cast<std::size_t>(best)];
        const float after = likeness_[static_cast<std::size_t>(best + step)];
        const float bend = before + after - 2.0F * here;
        return bend < -1e-6F ? std::clamp((before - after) / (2.0F * bend), -0.5F, 0.5F) : 0.0F;
    }

    int size_;
    std::vector<float> signs_; // of luma, mean zero
    float energy_ = 0.0F;
    int patchRow_ = 0;
    std::vector<float> patch_;
    std::vector<float> likeness_;
};

// All finder and alignment patterns as they are seen, near where the grid expects them.
std::vector<Sighting> lookAgain(const LumaSampler& luma, const SymbolGrid& grid, float reach, bool inverted) {
    constexpr float leastLikeness = 0.6F;
    std::vector<Sighting> sightings;
    const auto look = [&](SquaresSearch& search, float x, float y, float widest) {
        const auto match = search.search(luma, grid, {x, y}, std::min(reach, widest), inverted);
        if (match.likeness < leastLikeness)
            return;
        const Point seen = grid.toFrame(x + match.shift.x, y + match.shift.y);
        sightings.push_back({{x, y}, seen, match.likeness * match.likeness});
    };
    const auto far = static_cast<float>(grid.dimension) - finderMiddle;
    SquaresSearch finder(9, 2);
    look(finder, finderMiddle, finderMiddle, 0.75F);
    look(finder, far, finderMiddle, 0.75F);
    look(finder, finderMiddle, far, 0.75F);
    SquaresSearch alignment(5, 1);
    const auto positions = alignmentPositions(versionOf(grid.dimension));
    for (const int row : positions)
        for (const int column : positions)
            if (hasAlignmentPattern(grid.dimension, row, column))
                look(alignment, static_cast<float>(column) + 0.5F, static_cast<float>(row) + 0.5F, reach);
    // Where little is seen, the corner that no finder pattern holds stays where it was.
    const auto corner = static_cast<float>(grid.dimension) - finderMiddle;
    sightings.push_back({{corner, corner}, grid.toFrame(corner, corner), 0.02F});
    return sightings;
}

// Again without those that lie further than that from where all others put them.
std::optional<Homography> fitWithout(std::vector<Sighting>& sightings, float outlierPixels) {
    const auto first = Homography::fit(sightings);
    if (!first)
        return std::nullopt;
    const auto removed = std::erase_if(sightings, [&](const Sighting& sighting) {
        const Point expected = (*first)(sighting.module);
        return !(std::hypot(expected.x - sighting.seen.x, expected.y - sighting.seen.y) <= outlierPixels);
    });
    return removed == 0 ? first : Homography::fit(sightings);
}

} // namespace

std::optional<SymbolGrid> locateGrid(const hal::Frame& frame, const SymbolPlace& place) {
    const LumaSampler luma(frame);
    auto grid = gridByTiming(luma, place);
    if (!grid)
        return std::nullopt;
    for (const float reach : {1.5F, 0.75F}) { // modules
        auto sightings = lookAgain(luma, *grid, reach, place.inverted);
        if (const auto better = fitWithout(sightings, 0.5F * reach * place.moduleSize))
            grid->toFrame = *better;
    }
    return grid;
}

} // namespace ykt::qr
