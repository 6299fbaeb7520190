// Microseconds of all rounds of one measurement.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

namespace ykt::bench {

using Microseconds = std::chrono::duration<double, std::micro>;

class Series {
  public:
    void add(Microseconds value) { values_.push_back(value.count()); }
    [[nodiscard]] double at(double quantile) { // 0 of none
        if (values_.empty())
            return 0;
        std::ranges::sort(values_);
        return values_[static_cast<std::size_t>(quantile * static_cast<double>(values_.size() - 1))];
    }
    void print(const char* what) { std::printf("  %-46s %8.0f %8.0f\n", what, at(0.5), at(0.99)); }

  private:
    std::vector<double> values_;
};

} // namespace ykt::bench
