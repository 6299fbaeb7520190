#include "base/time.h"

#include <array>
#include <cstdio>

namespace ykt {

std::string_view nameOf(TimeTrust trust) {
    constexpr std::array<std::string_view, 3> names{"synced", "holdover", "suspect"};
    return names.at(static_cast<std::size_t>(trust));
}

std::string formatUtc(WallTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date{day};
    const hh_mm_ss clock{time - day};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                  static_cast<int>(clock.subseconds().count()));
    return text.data();
}

} // namespace ykt
