#include "qr/rectify.h"

#include <algorithm>

namespace ykt::qr {

bool Rectifier::locate(const hal::Frame& frame, const SymbolPlace& place) {
    const auto grid = locateGrid(frame, place);
    if (!grid)
        return false;
    dimension_ = grid->dimension;
    const auto side = static_cast<float>(dimension_);
    corners_ = {grid->toFrame(0.0F, 0.0F), grid->toFrame(side, 0.0F), grid->toFrame(side, side),
                grid->toFrame(0.0F, side)};
    values_.sample(LumaSampler(frame), *grid, place.inverted);
    return true;
}

RectifiedSymbol Rectifier::rectified(Sharpening sharpening) const {
    constexpr int scale = RectifiedSymbol::pixelsPerModule;
    constexpr int margin = RectifiedSymbol::quietZone * scale;
    const int side = dimension_ * scale + 2 * margin;
    RectifiedSymbol symbol{
        {side, side, Bytes(static_cast<std::size_t>(side * side), 255)}, dimension_, corners_};
    const auto dark = values_.judge(sharpening);
    auto module = dark.begin();
    for (int row = 0; row < dimension_; ++row) {
        auto* line = symbol.image.luma.data() + (margin + row * scale) * side;
        for (int column = 0; column < dimension_; ++column)
            if (*module++ != 0)
                std::fill_n(line + margin + column * scale, scale, std::uint8_t{0});
        for (int copy = 1; copy < scale; ++copy)
            std::copy_n(line, side, line + copy * side);
    }
    return symbol;
}

} // namespace ykt::qr
