#include "qr/rectify.h"

#include "qr/function_patterns.h"

#include <algorithm>
#include <cmath>

namespace ykt::qr {
namespace {

bool isPoint(Point point) {
    return std::isfinite(point.x) && std::isfinite(point.y);
}

// Is what must be dark or light in every symbol so in this one, dirt and glare aside?
bool looksLikeSymbol(const std::vector<std::uint8_t>& seen, const std::vector<std::int8_t>& known) {
    constexpr int mostWrong = 5; // one in so many
    int wrong = 0;
    int all = 0;
    for (std::size_t module = 0; module < known.size(); ++module) {
        if (known[module] == 0)
            continue;
        ++all;
        wrong += (seen[module] != 0) != (known[module] > 0) ? 1 : 0;
    }
    return wrong * mostWrong <= all;
}

} // namespace

bool Rectifier::locate(const hal::Frame& frame, const SymbolPlace& place) {
    if (!SymbolFinder::isSearchable(frame))
        return false;
    const auto grid = locateGrid(frame, place);
    if (!grid)
        return false;
    const auto side = static_cast<float>(grid->dimension);
    const std::array corners{grid->toFrame(0.0F, 0.0F), grid->toFrame(side, 0.0F), grid->toFrame(side, side),
                             grid->toFrame(0.0F, side)};
    if (!std::ranges::all_of(corners, isPoint))
        return false;
    dimension_ = grid->dimension;
    corners_ = corners;
    values_.sample(LumaSampler(frame), *grid, place.inverted);
    return true;
}

std::optional<RectifiedSymbol> Rectifier::rectified(Sharpening sharpening) const {
    constexpr int margin = RectifiedSymbol::quietZone;
    const int side = dimension_ + 2 * margin;
    RectifiedSymbol symbol{
        {side, side, Bytes(static_cast<std::size_t>(side * side), 255)}, dimension_, corners_};
    const auto seen = values_.judge(sharpening);
    const auto known = functionModules(dimension_);
    if (!looksLikeSymbol(seen, known))
        return std::nullopt;
    std::size_t module = 0;
    for (int row = 0; row < dimension_; ++row) {
        auto* line = symbol.image.luma.data() + (margin + row) * side + margin;
        for (int column = 0; column < dimension_; ++column, ++module) {
            const bool dark = known[module] != 0 ? known[module] > 0 : seen[module] != 0;
            line[column] = dark ? std::uint8_t{0} : std::uint8_t{255};
        }
    }
    return symbol;
}

} // namespace ykt::qr
