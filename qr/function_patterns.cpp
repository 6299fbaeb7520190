#include "qr/function_patterns.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

namespace ykt::qr {
namespace {

// Squares of one module's width around a middle: `reach` 0 is the middle itself.
constexpr bool isDarkInFinder(int reach) {
    return reach != 2 && reach != 4; // 4: the separator
}
constexpr bool isDarkInAlignment(int reach) {
    return reach != 1;
}

class Drawing {
  public:
    explicit Drawing(int dimension)
        : dimension_(dimension), modules_(static_cast<std::size_t>(dimension * dimension), std::int8_t{0}) {}

    void set(int row, int column, bool dark) {
        if (row >= 0 && column >= 0 && row < dimension_ && column < dimension_)
            modules_[static_cast<std::size_t>(row * dimension_ + column)] = dark ? 1 : -1;
    }
    template <typename IsDark>
    void squares(int row, int column, int reach, IsDark isDark) {
        for (int y = -reach; y <= reach; ++y)
            for (int x = -reach; x <= reach; ++x)
                set(row + y, column + x, isDark(std::max(std::abs(x), std::abs(y))));
    }
    std::vector<std::int8_t> take() { return std::move(modules_); }

  private:
    int dimension_;
    std::vector<std::int8_t> modules_;
};

} // namespace

std::vector<int> alignmentPositions(int version) {
    if (version < 2)
        return {};
    // The table's rule: from the timing pattern to the last one evenly, by whole even steps that are rounded
    // up, so that the first gap is the short one. Version 32 is the table's exception.
    const int gaps = version / 7 + 1;
    const int first = 6;
    const int last = dimensionOf(version) - 7;
    const int step = version == 32 ? 26 : (last - first + 2 * gaps - 1) / (2 * gaps) * 2;
    std::vector<int> positions{first};
    for (int i = gaps - 1; i >= 0; --i)
        positions.push_back(last - i * step);
    return positions;
}

bool hasAlignmentPattern(int dimension, int row, int column) {
    const int first = 6;
    const int last = dimension - 7;
    const bool finder =
        (row == first && (column == first || column == last)) || (row == last && column == first);
    return !finder;
}

std::vector<std::int8_t> functionModules(int dimension) {
    Drawing drawing(dimension);
    for (int i = 0; i < dimension; ++i) {
        drawing.set(6, i, i % 2 == 0);
        drawing.set(i, 6, i % 2 == 0);
    }
    const auto positions = alignmentPositions(versionOf(dimension));
    for (const int row : positions)
        for (const int column : positions)
            if (hasAlignmentPattern(dimension, row, column))
                drawing.squares(row, column, 2, isDarkInAlignment);
    drawing.squares(3, 3, 4, isDarkInFinder);
    drawing.squares(3, dimension - 4, 4, isDarkInFinder);
    drawing.squares(dimension - 4, 3, 4, isDarkInFinder);
    return drawing.take();
}

} // namespace ykt::qr
