#include "firmware/courier/batch_size.h"

#include <algorithm>

namespace ykt::firmware::courier {

namespace {

constexpr std::size_t first = 64;

} // namespace

BatchSize::BatchSize(std::size_t most) : size_({1, std::min(first, most), most}) {}

std::size_t BatchSize::next() const {
    return suspects_ == 0 ? size_.next() : std::min(size_.next(), std::max<std::size_t>(1, suspects_ / 2));
}

void BatchSize::delivered(std::size_t records) {
    suspects_ -= std::min(suspects_, records);
    size_.went(records);
}

void BatchSize::tooMuch(std::size_t records) {
    size_.tooMuch(records);
}

void BatchSize::refused(std::size_t records) {
    suspects_ = records > 1 ? records : 0;
}

} // namespace ykt::firmware::courier
