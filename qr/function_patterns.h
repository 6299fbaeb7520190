// What is known of a QR symbol before it is read: its function patterns (ISO/IEC 18004, 6.3).
#pragma once

#include <cstdint>
#include <vector>

namespace ykt::qr {

inline constexpr int smallestDimension = 21;
inline constexpr int largestDimension = 177;

// Modules a side of a version 1..40, and back.
constexpr int dimensionOf(int version) {
    return 17 + 4 * version;
}
constexpr int versionOf(int dimension) {
    return (dimension - 17) / 4;
}

// Rows, and columns alike, of the middles of alignment patterns (Annex E), rising. None in version 1.
std::vector<int> alignmentPositions(int version);

// Does an alignment pattern lie there? Three of the crossings are taken by finder patterns.
bool hasAlignmentPattern(int dimension, int row, int column);

// Row by row, each module of finder patterns, separators, timing and alignment patterns: 1 dark, -1 light; 0:
// any other module.
std::vector<std::int8_t> functionModules(int dimension);

} // namespace ykt::qr
