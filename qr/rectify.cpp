#include "qr/rectify.h"

#include <algorithm>
#include <cmath>

namespace ykt::qr {
namespace {

bool isPoint(Point point) {
    return std::isfinite(point.x) && std::isfinite(point.y);
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

RectifiedSymbol Rectifier::rectified(Sharpening sharpening) const {
    constexpr int margin = RectifiedSymbol::quietZone;
    const int side = dimension_ + 2 * margin;
    RectifiedSymbol symbol{
        {side, side, Bytes(static_cast<std::size_t>(side * side), 255)}, dimension_, corners_};
    const auto dark = values_.judge(sharpening);
    auto module = dark.begin();
    for (int row = 0; row < dimension_; ++row) {
        auto* line = symbol.image.luma.data() + (margin + row) * side + margin;
        for (int column = 0; column < dimension_; ++column)
            line[column] = *module++ != 0 ? std::uint8_t{0} : std::uint8_t{255};
    }
    return symbol;
}

} // namespace ykt::qr
