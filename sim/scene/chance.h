// Chance that a seed decides.
#pragma once

#include <cstdint>

namespace ykt::sim {

// SplitMix64. Each effect takes a stream of its own, so that one more effect leaves the others as they were.
class Chance {
  public:
    enum class Stream : std::uint64_t { settings = 1, background, dirt, glare, moire, noise, motion };

    Chance(std::uint64_t seed, Stream stream)
        : state_(seed * 0x9E3779B97F4A7C15U ^ static_cast<std::uint64_t>(stream) << 56) {
        next();
    }

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31);
    }
    double between(double low, double high) {
        return low + (high - low) * static_cast<double>(next() >> 11) * 0x1.0p-53;
    }
    // From 0 to below `count`.
    int below(int count) { return static_cast<int>(next() % static_cast<std::uint64_t>(count)); }

    // Normal, mean 0 and sigma 1: the sum of four uniform numbers, which ends at 3.46 sigma.
    float normal() {
        const std::uint64_t bits = next();
        const auto sum = static_cast<std::int64_t>((bits & 0xFFFF) + (bits >> 16 & 0xFFFF) +
                                                   (bits >> 32 & 0xFFFF) + (bits >> 48));
        constexpr float sigma = 65536.0F * 0.57735027F; // of the sum: sqrt(4 / 12)
        return static_cast<float>(sum - 2 * 65535) / sigma;
    }

  private:
    std::uint64_t state_;
};

} // namespace ykt::sim
