#include "qr/module_values.h"

#include "qr/function_patterns.h"
#include "qr/linear_equations.h"

#include <algorithm>

namespace ykt::qr {
namespace {

constexpr std::size_t taps = 5; // the module, and its neighbours by the line that they lie on
using Features = std::array<double, taps>;

// Blur is alike to both sides, so opposite neighbours count together.
Features featuresOf(const float* module, std::ptrdiff_t row) {
    return {module[0], module[-1] + module[1], module[-row] + module[row], module[-row - 1] + module[row + 1],
            module[-row + 1] + module[row - 1]};
}

constexpr Features unsharpened{1.0, 0.0, 0.0, 0.0, 0.0};
constexpr Features sharpenedStrongly{2.2, -0.3, -0.3, 0.0, 0.0};

// The extreme of each value and those `reach` before and after it in its line.
template <typename Extreme>
void spread(const std::vector<float>& from, std::vector<float>& to, std::size_t side, std::size_t step,
            int reach, Extreme extreme) {
    const std::size_t other = step == 1 ? side : 1;
    const auto last = static_cast<int>(side) - 1;
    for (std::size_t line = 0; line < side; ++line)
        for (int i = 0; i <= last; ++i) {
            const auto* start = from.data() + line * other;
            float value = start[static_cast<std::size_t>(i) * step];
            for (int k = std::max(0, i - reach); k <= std::min(last, i + reach); ++k)
                value = extreme(value, start[static_cast<std::size_t>(k) * step]);
            to[line * other + static_cast<std::size_t>(i) * step] = value;
        }
}

} // namespace

void ModuleValues::sample(const LumaSampler& luma, const SymbolGrid& grid, bool inverted) {
    dimension_ = grid.dimension;
    values_.clear();
    const float sign = inverted ? 1.0F : -1.0F;
    for (int row = -1; row <= dimension_; ++row)
        for (int column = -1; column <= dimension_; ++column)
            values_.push_back(sign * luma.at(grid.toFrame(static_cast<float>(column) + 0.5F,
                                                          static_cast<float>(row) + 0.5F)));
    evenOut();
}

void ModuleValues::evenOut() {
    constexpr int reach = 4;              // modules: there are dark and light ones in any nine by nine
    constexpr float leastContrast = 4.0F; // luma steps
    const auto side = static_cast<std::size_t>(dimension_ + 2);
    std::vector<float> low(values_.size());
    std::vector<float> high(values_.size());
    std::vector<float> line(values_.size());
    const auto darker = [](float a, float b) { return std::min(a, b); };
    const auto lighter = [](float a, float b) { return std::max(a, b); };
    spread(values_, line, side, 1, reach, darker);
    spread(line, low, side, side, reach, darker);
    spread(values_, line, side, 1, reach, lighter);
    spread(line, high, side, side, reach, lighter);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        const float contrast = std::max(high[i] - low[i], leastContrast);
        values_[i] = (2.0F * values_[i] - high[i] - low[i]) / contrast;
    }
}

std::vector<std::uint8_t> ModuleValues::judge(Sharpening sharpening) const {
    const auto known = functionModules(dimension_);
    const std::ptrdiff_t row = dimension_ + 2;
    Features weights = sharpening == Sharpening::strong ? sharpenedStrongly : unsharpened;
    if (sharpening == Sharpening::fitted) {
        constexpr double confidence = 10.0; // in no sharpening at all, against as many modules
        LeastSquares<taps> equations;
        for (std::size_t i = 0; i < taps; ++i) {
            Features only{};
            only[i] = 1.0;
            equations.add(only, unsharpened[i], confidence);
        }
        for (int y = 0; y < dimension_; ++y)
            for (int x = 0; x < dimension_; ++x)
                if (const auto truth = known[static_cast<std::size_t>(y * dimension_ + x)]; truth != 0)
                    equations.add(featuresOf(values_.data() + at(y, x), row), truth > 0 ? 1.0 : -1.0, 1.0);
        if (const auto solved = equations.solve())
            weights = *solved;
    }
    std::vector<std::uint8_t> dark;
    dark.reserve(known.size());
    for (int y = 0; y < dimension_; ++y)
        for (int x = 0; x < dimension_; ++x) {
            const auto features = featuresOf(values_.data() + at(y, x), row);
            double value = 0.0;
            for (std::size_t i = 0; i < taps; ++i)
                value += weights[i] * features[i];
            dark.push_back(value > 0.0 ? 1 : 0);
        }
    return dark;
}

} // namespace ykt::qr
