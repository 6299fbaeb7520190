#include "sim/scene/screen.h"

#include "sim/scene/chance.h"
#include "sim/scene/symbol.h"

#include <algorithm>
#include <cmath>

namespace ykt::sim {
namespace {

constexpr std::uint8_t blotLuma = 90; // of 255, between dark and light modules
constexpr int finderSide = 8;         // modules, with its separator

// Modules and how much of them is there, with a border of modules that are not.
class Modules {
  public:
    explicit Modules(const Image& symbol)
        : side_(symbol.width + 2), cells_(static_cast<std::size_t>(side_ * side_)) {
        for (int y = 0; y < symbol.height; ++y)
            for (int x = 0; x < symbol.width; ++x)
                cells_[static_cast<std::size_t>((y + 1) * side_ + x + 1)] = {
                    static_cast<float>(symbol.luma[static_cast<std::size_t>(y * symbol.width + x)]) / 255.0F,
                    1.0F};
    }
    struct Cell {
        float light = 0.0F;
        float there = 0.0F;
    };
    [[nodiscard]] const Cell& at(float column, float row) const {
        const auto last = static_cast<float>(side_ - 1);
        const int x = static_cast<int>(std::clamp(column + 1.0F, 0.0F, last));
        const int y = static_cast<int>(std::clamp(row + 1.0F, 0.0F, last));
        return cells_[static_cast<std::size_t>(y * side_ + x)];
    }

  private:
    int side_;
    std::vector<Cell> cells_;
};

// The mean over a grid of 3 by 3 points within the pixel.
Modules::Cell seenBy(const View::Spot& spot, const Modules& modules) {
    Modules::Cell seen;
    for (const float down : {-1.0F / 3.0F, 0.0F, 1.0F / 3.0F})
        for (const float right : {-1.0F / 3.0F, 0.0F, 1.0F / 3.0F}) {
            const auto& cell = modules.at(spot.column + right * spot.columnByX + down * spot.columnByY,
                                          spot.row + right * spot.rowByX + down * spot.rowByY);
            seen.light += cell.light;
            seen.there += cell.there;
        }
    return {seen.light / 9.0F, seen.there / 9.0F};
}

bool inFinder(int column, int row, int side) {
    const bool left = column < finderSide;
    const bool top = row < finderSide;
    return (left && top) || (column >= side - finderSide && top) || (left && row >= side - finderSide);
}

} // namespace

Image soiled(const Image& symbol, const SceneSettings& settings) {
    Image out = symbol;
    const int side = symbol.width - 2 * quietZone;
    Chance chance(settings.seed, Chance::Stream::dirt);
    int left = static_cast<int>(std::lround(std::min(settings.dirtArea, 0.5) * side * side));
    std::vector<bool> covered(symbol.luma.size());
    while (left > 0) {
        const int radius = 1 + chance.below(3);
        const int x = chance.below(side);
        const int y = chance.below(side);
        for (int row = std::max(y - radius, 0); row <= std::min(y + radius, side - 1); ++row)
            for (int column = std::max(x - radius, 0); column <= std::min(x + radius, side - 1); ++column) {
                const auto at =
                    static_cast<std::size_t>((row + quietZone) * symbol.width + column + quietZone);
                const int square = (row - y) * (row - y) + (column - x) * (column - x);
                if (left == 0 || covered[at] || square > radius * radius || inFinder(column, row, side))
                    continue;
                covered[at] = true;
                out.luma[at] = blotLuma;
                --left;
            }
    }
    return out;
}

Box boxOf(const Image& symbol, const View& view, const SceneSettings& settings) {
    const double side = symbol.width;
    Box box{settings.width, settings.height, 0, 0};
    for (const auto& corner :
         {view.toFrame(0, 0), view.toFrame(side, 0), view.toFrame(side, side), view.toFrame(0, side)}) {
        box.left = std::min(box.left, static_cast<int>(std::floor(corner.x)));
        box.top = std::min(box.top, static_cast<int>(std::floor(corner.y)));
        box.right = std::max(box.right, static_cast<int>(std::ceil(corner.x)) + 1);
        box.bottom = std::max(box.bottom, static_cast<int>(std::ceil(corner.y)) + 1);
    }
    return {std::max(box.left, 0), std::max(box.top, 0), std::min(box.right, settings.width),
            std::min(box.bottom, settings.height)};
}

void drawScreen(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings) {
    const Modules modules(symbol);
    const auto black = static_cast<float>(settings.dark);
    const auto white = static_cast<float>(std::lerp(settings.light, settings.dark, settings.dimming));
    const float ground = settings.inverted ? white : black;
    const float range = settings.inverted ? black - white : white - black;
    const auto box = boxOf(symbol, view, settings);
    for (int y = box.top; y < box.bottom; ++y) {
        float* row = plane.row(y);
        for (int x = box.left; x < box.right; ++x) {
            const auto spot = view.toSymbol(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F);
            const auto seen = seenBy(spot, modules);
            row[x] += seen.there * (ground - row[x]) + seen.light * range;
        }
    }
}

} // namespace ykt::sim
