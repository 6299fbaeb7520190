// What a terminal that boots with one clock or another gives: the judge of clocks and the rules together.
#include "drivers/system/time_judge.h"
#include "tests/policy/rules.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;

namespace {

constexpr auto accepted = std::nullopt;
constexpr auto suspect = Reason::clock_suspect;

struct Boot {
    std::string clock;
    WallTime wall;
    bool synchronised;
    std::vector<std::optional<Reason>> byRule; // of a service that needs synced, holdover, suspect
};

WallTime day(int year, unsigned month, unsigned day) {
    return std::chrono::sys_days{std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(day)};
}

} // namespace

TEST_CASE("what is given after a boot is the service's rule, and no validity is judged by a wrong clock") {
    const auto boot = GENERATE(values<Boot>({
        {"synchronised", noon, true, {accepted, accepted, accepted}},
        {"kept by its RTC", noon, false, {suspect, accepted, accepted}},
        {"an RTC that was lost: 1970", day(1970, 1, 1), false, {suspect, suspect, suspect}},
        {"an RTC that was lost: its maker's date", day(2020, 1, 1), false, {suspect, suspect, suspect}},
        {"behind the latest known time, in the catalogue's",
         noon - 20min,
         false,
         {suspect, suspect, accepted}},
        {"2038, unsynchronised", day(2038, 1, 19), false, {suspect, suspect, suspect}},
        {"2038, synchronised: the lists are that old",
         day(2038, 1, 19),
         true,
         {Reason::catalogue_stale, Reason::catalogue_stale, Reason::catalogue_stale}},
    }));
    const std::array needed{"synced", "holdover", "suspect"};
    for (std::size_t rule = 0; rule < needed.size(); ++rule) {
        CAPTURE(boot.clock, needed.at(rule));
        drivers::TimeJudge judge(noon - 10min);
        Situation situation;
        situation.changeService("/offline/trust_needed", needed.at(rule));
        situation.now = at(boot.wall, judge.judge({boot.wall, {}, boot.synchronised}));
        const auto decision = situation.decision();
        CHECK(decision.accepted() == !boot.byRule[rule]);
        if (boot.byRule[rule])
            CHECK(decision.reason == *boot.byRule[rule]);
    }
}
