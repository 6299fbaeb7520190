// What was counted of one engine on one set of frames.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

namespace ykt::bench {

enum class Verdict { exact, missed, wrong, not_asked };

struct Tally {
    std::vector<Verdict> verdicts; // one for each frame
    std::vector<double> ms;        // one for each frame that the engine was asked

    [[nodiscard]] int count(Verdict verdict) const {
        return static_cast<int>(std::ranges::count(verdicts, verdict));
    }
    [[nodiscard]] int asked() const { return static_cast<int>(ms.size()); }
    [[nodiscard]] double rate() const {
        return ms.empty() ? 0.0 : static_cast<double>(count(Verdict::exact)) / asked();
    }
};

// By nearest rank; 0 of nothing.
inline double percentile(std::vector<double> values, double share) {
    if (values.empty())
        return 0.0;
    std::ranges::sort(values);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
    return values[std::max<std::size_t>(rank, 1) - 1];
}
inline double median(const std::vector<double>& values) {
    return percentile(values, 0.5);
}
inline double mean(const std::vector<double>& values) {
    return values.empty()
               ? 0.0
               : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace ykt::bench
