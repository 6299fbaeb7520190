#include "firmware/identity/id_number.h"

#include <catch2/catch.hpp>
#include <set>

using namespace ykt;
using namespace ykt::firmware::identity;

TEST_CASE("the examples of GB 11643 pass the whole check") {
    const auto woman = checkIdNumber("11010519491231002X");
    REQUIRE(woman);
    CHECK(woman->area == "110105");
    CHECK(woman->birth == std::chrono::year{1949} / 12 / 31);
    CHECK(woman->sex == Sex::female);

    const auto man = checkIdNumber("440524188001010014");
    REQUIRE(man);
    CHECK(man->area == "440524");
    CHECK(man->birth == std::chrono::year{1880} / 1 / 1);
    CHECK(man->sex == Sex::male);
}

TEST_CASE("every single wrong digit is caught by the check character") {
    const std::string good = "440524188001010014";
    for (std::size_t at = 0; at < 17; ++at) {
        for (char digit = '0'; digit <= '9'; ++digit) {
            if (digit == good[at])
                continue;
            auto bad = good;
            bad[at] = digit;
            INFO(at << " " << digit);
            CHECK_FALSE(checkIdNumber(bad));
        }
    }
}

TEST_CASE("numbers of another form are malformed, and the error does not repeat them") {
    for (const std::string bad :
         {"", "44052418800101001", "4405241880010100140", "44052418800101001x", "440524188013010013",
          "A40524188001010014", "11010519490229002X", "110105194912310021", "1101051949123100 X"}) {
        const auto checked = checkIdNumber(bad);
        REQUIRE_FALSE(checked);
        CHECK(checked.error() == Reason::id_number_malformed);
        CHECK((bad.empty() || checked.error().context.find(bad) == std::string::npos));
    }
}

TEST_CASE("a date that the calendar lacks is refused though the check character fits") {
    std::string number = "11010519490229002"; // 1949 was no leap year
    number += idNumberCheckCharacter(number);
    CHECK(checkIdNumber(number).error().context == "date of birth");
    number = "11010519480229002"; // 1948 was
    number += idNumberCheckCharacter(number);
    CHECK(checkIdNumber(number));
}

TEST_CASE("the social security number of a resident from elsewhere need not follow GB 11643") {
    CHECK(checkSocialSecurityNumber("11010519491231002X"));
    CHECK(checkSocialSecurityNumber("HKM640100000000123"));
    for (const std::string bad : {"", "HKM64010000000012", "HKM6401000000001234", "HKM64010000000012 ",
                                  "HKM6401000000001\n3", "社会保障卡号"})
        CHECK(checkSocialSecurityNumber(bad).error() == Reason::id_number_malformed);
}

TEST_CASE("a masked number shows its last four characters only") {
    CHECK(maskIdNumber("440524188001010014") == "**************0014");
    CHECK(maskIdNumber("014") == "014");
    CHECK(maskIdNumber("").empty());
}

TEST_CASE("Ningxia's codes in force and abolished are known, others are not") {
    for (const auto* code : {"640000", "640100", "640104", "640303", "640522"})
        CHECK(isNingxiaArea(code));
    for (const auto* code : {"640102", "640111", "640223", "640382", "640421", "642101", "642127", "642226"})
        CHECK(isNingxiaArea(code));
    for (const auto* code :
         {"640101", "640199", "642104", "642227", "650100", "110105", "64010", "6401000", "64010a", ""})
        CHECK_FALSE(isNingxiaArea(code));
}
