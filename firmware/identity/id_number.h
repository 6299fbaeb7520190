// Citizen identity numbers (GB 11643-1999) and Ningxia's codes of GB/T 2260.
#pragma once

#include "base/result.h"

#include <chrono>
#include <string>
#include <string_view>

namespace ykt::firmware::identity {

enum class Sex { female, male };

struct IdNumber {
    std::string_view area; // six digits of GB/T 2260, of the first registration; not of the card's issue
    std::chrono::year_month_day birth;
    Sex sex = Sex::female; // the sequence code is odd for men
};

// The whole check of GB 11643: eighteen characters, a real date of birth, MOD 11-2 check character. `area`
// points into `number`. Errors: id_number_malformed.
Result<IdNumber> checkIdNumber(std::string_view number);

// The check character ('0'..'9', 'X') for the first seventeen digits. Precondition: seventeen digits.
char idNumberCheckCharacter(std::string_view seventeenDigits);

// The form that every social security number has, of residents from elsewhere too: eighteen ASCII letters or
// digits. Errors: id_number_malformed.
Result<void> checkSocialSecurityNumber(std::string_view number);

// All but the last four characters covered: "**************0014".
std::string maskIdNumber(std::string_view number);

// A county, city or prefecture of Ningxia, in force (Ministry of Civil Affairs, 2024) or abolished: old codes
// live on in the numbers of people who were registered under them.
bool isNingxiaArea(std::string_view sixDigits);

} // namespace ykt::firmware::identity
