// Small systems of linear equations.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

namespace ykt::qr {

// The normal equations of a least-squares problem with N unknowns.
template <std::size_t N>
class LeastSquares {
  public:
    // One equation: the sum of coefficients times unknowns should be `value`.
    void add(const std::array<double, N>& coefficients, double value, double weight) {
        for (std::size_t i = 0; i < N; ++i) {
            const double weighted = weight * coefficients[i];
            for (std::size_t j = 0; j < N; ++j)
                rows_[i][j] += weighted * coefficients[j];
            rows_[i][N] += weighted * value;
        }
    }

    // By elimination with row pivots. nullopt: the equations do not determine the unknowns.
    [[nodiscard]] std::optional<std::array<double, N>> solve() const {
        auto rows = rows_;
        for (std::size_t column = 0; column < N; ++column) {
            std::size_t pivot = column;
            for (std::size_t row = column + 1; row < N; ++row)
                if (std::abs(rows[row][column]) > std::abs(rows[pivot][column]))
                    pivot = row;
            if (!(std::abs(rows[pivot][column]) > 1e-12))
                return std::nullopt;
            std::swap(rows[pivot], rows[column]);
            for (std::size_t row = 0; row < N; ++row)
                if (row != column)
                    subtract(rows[row], rows[column], rows[row][column] / rows[column][column]);
        }
        std::array<double, N> unknowns;
        for (std::size_t i = 0; i < N; ++i)
            unknowns[i] = rows[i][N] / rows[i][i];
        return unknowns;
    }

  private:
    using Row = std::array<double, N + 1>;
    static void subtract(Row& from, const Row& row, double factor) {
        for (std::size_t i = 0; i <= N; ++i)
            from[i] -= factor * row[i];
    }
    std::array<Row, N> rows_{};
};

} // namespace ykt::qr
