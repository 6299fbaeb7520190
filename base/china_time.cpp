#include "base/china_time.h"

namespace ykt {
namespace {

using namespace std::chrono;

std::uint8_t packed(unsigned value) {
    return static_cast<std::uint8_t>(value / 10 % 10 << 4 | value % 10);
}

std::optional<unsigned> unpacked(std::uint8_t byte) {
    const unsigned high = byte >> 4;
    const unsigned low = byte & 0x0F;
    return high > 9 || low > 9 ? std::nullopt : std::optional(high * 10 + low);
}

} // namespace

LocalTime localTimeOf(WallTime time) {
    const auto local = floor<seconds>(time) + chinaOffset;
    const auto day = floor<days>(local);
    const year_month_day date{day};
    const hh_mm_ss clock{local - day};
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    return {packed(year / 100),
            packed(year),
            packed(static_cast<unsigned>(date.month())),
            packed(static_cast<unsigned>(date.day())),
            packed(static_cast<unsigned>(clock.hours().count())),
            packed(static_cast<unsigned>(clock.minutes().count())),
            packed(static_cast<unsigned>(clock.seconds().count()))};
}

std::optional<WallTime> wallTimeOf(const LocalTime& time) {
    std::array<unsigned, 7> part{};
    for (std::size_t i = 0; i < time.size(); ++i) {
        const auto value = unpacked(time[i]);
        if (!value)
            return std::nullopt;
        part[i] = *value;
    }
    const year_month_day date{year(static_cast<int>(part[0] * 100 + part[1])), month(part[2]), day(part[3])};
    if (!date.ok() || part[4] > 23 || part[5] > 59 || part[6] > 59)
        return std::nullopt;
    return WallTime{sys_days{date} + hours{part[4]} + minutes{part[5]} + seconds{part[6]} - chinaOffset};
}

} // namespace ykt
