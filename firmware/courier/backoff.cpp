#include "firmware/courier/backoff.h"

#include "crypto/random.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ykt::firmware::courier {

std::uint32_t randomDice() {
    const auto random = crypto::randomBytes(4);
    return random ? static_cast<std::uint32_t>(readBigEndian(*random))
                  : std::numeric_limits<std::uint32_t>::max();
}

Milliseconds Backoff::next(std::optional<Milliseconds> retryAfter) {
    constexpr unsigned mostDoublings = 20;
    const auto doubled = limits_.first * (std::int64_t{1} << failures_);
    failures_ = std::min(failures_ + 1, mostDoublings);
    const auto ceiling = std::min<Milliseconds>(doubled, limits_.longest);
    const Milliseconds wait{ceiling.count() * static_cast<std::int64_t>(dice_()) /
                            std::numeric_limits<std::uint32_t>::max()};
    return std::max(wait, std::min(retryAfter.value_or(Milliseconds::zero()), limits_.longestRetryAfter));
}

std::optional<Milliseconds> parseRetryAfter(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
    std::uint32_t seconds = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), seconds).ec != std::errc())
        seconds = std::numeric_limits<std::uint32_t>::max();
    return std::chrono::seconds{seconds};
}

} // namespace ykt::firmware::courier
