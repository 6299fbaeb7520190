// The modules of a symbol as a camera saw them, judged dark or light.
#pragma once

#include "qr/luma_sampler.h"
#include "qr/symbol_grid.h"

#include <cstdint>
#include <vector>

namespace ykt::qr {

// How much the blur between neighbouring modules is undone before they are judged.
enum class Sharpening { fitted, none, strong };

class ModuleValues {
  public:
    // Looks at the middle of every module, and of one more on each side.
    void sample(const LumaSampler& luma, const SymbolGrid& grid, bool inverted);

    // Row by row, 1 for each dark module. Evens out the light, then undoes the blur: by a fixed amount, or by
    // the weights of a module's eight neighbours that show the function patterns best, so that defocus and
    // motion in any direction undo themselves.
    [[nodiscard]] std::vector<std::uint8_t> judge(Sharpening sharpening) const;

  private:
    void evenOut();
    [[nodiscard]] std::size_t at(int row, int column) const {
        return static_cast<std::size_t>((row + 1) * (dimension_ + 2) + column + 1);
    }

    int dimension_ = 0;
    std::vector<float> values_; // -1 light .. 1 dark, rows of dimension_ + 2
};

} // namespace ykt::qr
