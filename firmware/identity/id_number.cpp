#include "firmware/identity/id_number.h"

#include <algorithm>
#include <array>

namespace ykt::firmware::identity {
namespace {

constexpr std::size_t numberSize = 18;
constexpr std::size_t shownDigits = 4;

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isLetterOrDigit(char c) {
    return isDigit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool allDigits(std::string_view text) {
    return std::ranges::all_of(text, isDigit);
}

int toNumber(std::string_view digits) {
    int value = 0;
    for (const char digit : digits)
        value = value * 10 + (digit - '0');
    return value;
}

// Sorted. Prefectures and counties of the Ministry of Civil Affairs' list of 2024.
constexpr std::array inForce{
    640000, 640100, 640104, 640105, 640106, 640121, 640122, 640181, 640200, 640202,
    640205, 640221, 640300, 640302, 640303, 640323, 640324, 640381, 640400, 640402,
    640422, 640423, 640424, 640425, 640500, 640502, 640521, 640522,
};

// Sorted. Yinchuan's, Shizuishan's, Wuzhong's and Guyuan's former districts, then the prefectures of Yinnan
// (6421) and Guyuan (6422).
constexpr std::array abolished{
    640102, 640103, 640111, 640203, 640204, 640211, 640222, 640223, 640321, 640322,
    640382, 640421, 642100, 642101, 642102, 642103, 642121, 642122, 642123, 642124,
    642125, 642126, 642127, 642200, 642221, 642222, 642223, 642224, 642225, 642226,
};

static_assert(std::ranges::is_sorted(inForce) && std::ranges::is_sorted(abolished));

} // namespace

char idNumberCheckCharacter(std::string_view seventeenDigits) {
    constexpr std::array weights{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    constexpr std::string_view characters = "10X98765432"; // by the weighted sum modulo 11
    int sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
        sum += weights[i] * (seventeenDigits[i] - '0');
    return characters[static_cast<std::size_t>(sum % 11)];
}

Result<IdNumber> checkIdNumber(std::string_view number) {
    if (number.size() != numberSize || !allDigits(number.substr(0, numberSize - 1)))
        return fail(Reason::id_number_malformed, "not seventeen digits and a check character");
    const std::chrono::year_month_day birth{
        std::chrono::year{toNumber(number.substr(6, 4))},
        std::chrono::month{static_cast<unsigned>(toNumber(number.substr(10, 2)))},
        std::chrono::day{static_cast<unsigned>(toNumber(number.substr(12, 2)))}};
    if (!birth.ok())
        return fail(Reason::id_number_malformed, "date of birth");
    if (number.back() != idNumberCheckCharacter(number))
        return fail(Reason::id_number_malformed, "check character");
    return IdNumber{number.substr(0, 6), birth, (number[16] - '0') % 2 == 1 ? Sex::male : Sex::female};
}

Result<void> checkSocialSecurityNumber(std::string_view number) {
    if (number.size() != numberSize || !std::ranges::all_of(number, isLetterOrDigit))
        return fail(Reason::id_number_malformed, "not eighteen letters or digits");
    return {};
}

std::string maskIdNumber(std::string_view number) {
    std::string masked(number);
    const auto covered = masked.size() - std::min(masked.size(), shownDigits);
    std::fill_n(masked.begin(), covered, '*');
    return masked;
}

bool isNingxiaArea(std::string_view sixDigits) {
    if (sixDigits.size() != 6 || !allDigits(sixDigits))
        return false;
    const int area = toNumber(sixDigits);
    return std::ranges::binary_search(inForce, area) || std::ranges::binary_search(abolished, area);
}

} // namespace ykt::firmware::identity
