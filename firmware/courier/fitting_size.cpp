#include "firmware/courier/fitting_size.h"

#include <algorithm>

namespace ykt::firmware::courier {

namespace {

constexpr unsigned firstPatience = 8;
constexpr unsigned longestPatience = 512;

} // namespace

void FittingSize::went(std::size_t amount) {
    if (amount < size_) // less than was allowed says nothing about more
        return;
    if (ceiling_ && size_ >= *ceiling_)
        ceiling_.reset();
    const auto larger = std::min(bounds_.most, size_ * 2);
    if (ceiling_ && larger >= *ceiling_ && ++gone_ < patience_)
        return;
    gone_ = 0;
    size_ = larger;
}

void FittingSize::tooMuch(std::size_t amount) {
    const bool again = ceiling_ && amount >= *ceiling_;
    patience_ = again ? std::min(patience_ * 2, longestPatience) : firstPatience;
    gone_ = 0;
    if (!again)
        ceiling_ = amount;
    size_ = std::max(bounds_.least, amount / 2);
}

} // namespace ykt::firmware::courier
