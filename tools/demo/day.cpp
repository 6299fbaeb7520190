#include "tools/demo/day.h"

#include <array>
#include <cstdio>

namespace ykt::demo {
namespace {

using nlohmann::json;

enum class Act { tap, show, power_cut, back_office_away, back_office_back };

struct Step {
    std::string_view title;
    Act act = Act::tap;
    std::string_view medium;
    std::string_view outcome;
    std::string_view reason;
    std::uint32_t fareFen;
    std::optional<Pull> pull;
};

constexpr Milliseconds linkLimit{20'000};

// Reading a 3.x card: its proof of itself is on the way.
constexpr Pull inMidRead{5, sim::PullMoment::before_it_acts};
// Riding from a purse: SELECT, file 17, trip record, 80 50, 80 DC, and here 80 54. The money has left.
constexpr Pull afterTheDebit{5, sim::PullMoment::after_it_acted};

const std::array steps{
    Step{"card 3.0, SM4", Act::tap, "genuine", "accepted", "", 200, {}},
    Step{"card 2.0, 3DES, senior", Act::tap, "v2", "accepted", "", 0, {}},
    Step{"forged card", Act::tap, "forged", "refused", "card_not_genuine", 0, {}},
    Step{"card reported lost", Act::tap, "revoked", "refused", "revoked", 0, {}},
    Step{"purse", Act::tap, "purse", "accepted", "", 200, {}},
    Step{"purse pulled at the debit", Act::tap, "torn", "again", "debit_unfinished", 0, afterTheDebit},
    Step{"the same purse, held still", Act::tap, "torn", "accepted", "", 200, {}},
    Step{"purse reported lost", Act::tap, "listed-purse", "refused", "revoked", 0, {}},
    Step{"purse with 1.50 yuan", Act::tap, "poor-purse", "refused", "balance_insufficient", 0, {}},
    Step{"old card on the map, senior", Act::tap, "legacy", "accepted", "", 0, {}},
    Step{"old card of nobody", Act::tap, "unknown-legacy", "refused", "not_registered", 0, {}},
    // Codes are frames of a camera: rotated, noisy, unevenly lit.
    Step{"fusion code, photographed", Act::show, "fusion", "accepted", "", 0, {}},
    Step{"transit code, photographed", Act::show, "transit", "accepted", "", 200, {}},
    Step{"expired transit code", Act::show, "expired", "refused", "code_expired", 0, {}},
    Step{"the same transit code again", Act::show, "again", "refused", "already_used", 0, {}},
    Step{"tampered transit code", Act::show, "tampered", "refused", "bad_user_signature", 0, {}},
    Step{"same holder, new fusion code", Act::show, "fusion", "refused", "repeated_too_soon", 0, {}},
    Step{"transit code, hard frame", Act::show, "hard", "accepted", "", 200, {}},
    Step{"transit code, dark mode", Act::show, "dark", "accepted", "", 200, {}},
    Step{"a poster's web address", Act::show, "poster", "refused", "format_unknown", 0, {}},
    Step{"emergency code", Act::show, "emergency", "accepted", "", 0, {}},
    Step{"electronic card code", Act::show, "electronic", "accepted", "", 200, {}},
    Step{"emergency code, once more", Act::show, "emergency", "refused", "already_used", 0, {}},
    Step{"card pulled in mid-read", Act::tap, "pulled", "again", "card_gone", 0, inMidRead},
    Step{"the same card, held still", Act::tap, "pulled", "accepted", "", 200, {}},
    Step{"back office goes away", Act::back_office_away, "", "", "", 0, {}},
    Step{"student's card", Act::tap, "student", "accepted", "", 100, {}},
    Step{"student's purse", Act::tap, "student-purse", "accepted", "", 100, {}},
    Step{"transit code", Act::show, "transit", "accepted", "", 200, {}},
    Step{"electronic card, unverified", Act::show, "electronic", "accepted", "", 200, {}},
    Step{"one electronic card too many", Act::show, "electronic", "refused", "deferral_limit", 0, {}},
    // The money has left the purse, four records wait for the back office, and the terminal dies.
    Step{"power cut at a debit", Act::power_cut, "cut", "", "", 0, afterTheDebit},
    Step{"the same purse, power back", Act::tap, "cut", "accepted", "", 200, {}},
    Step{"back office comes back", Act::back_office_back, "", "", "", 0, {}},
    Step{"transit code", Act::show, "transit", "accepted", "", 200, {}},
};

PlayedStep judged(const Step& step, const json& outcome, bool offline) {
    PlayedStep played;
    played.title = step.title;
    played.medium = step.medium;
    played.outcome = outcome.value("outcome", "");
    played.reason = outcome.value("reason", "");
    played.decisionMs = outcome.value("decision_ms", 0.0);
    played.commitMs = outcome.value("commit_ms", 0.0);
    played.receipt = outcome.value("receipt", "");
    played.sequence = outcome.value("sequence", std::uint64_t{0});
    played.fareFen = outcome.value("fare_fen", std::uint64_t{0});
    if (const auto left = outcome.find("balance_fen"); left != outcome.end())
        played.balanceFen = left->get<std::int64_t>();
    played.offline = offline;
    played.asExpected =
        played.outcome == step.outcome && played.reason == step.reason && played.fareFen == step.fareFen;
    return played;
}

void printProgress(const PlayedStep& played, const Step& step) {
    std::printf("  %-28s %s%s%s\n", played.title.c_str(), played.outcome.c_str(),
                played.reason.empty() ? "" : ": ", played.reason.c_str());
    if (!played.asExpected)
        std::printf("  ^ expected %s%s%s, %u fen\n", std::string(step.outcome).c_str(),
                    step.reason.empty() ? "" : ": ", std::string(step.reason).c_str(), step.fareFen);
    std::fflush(stdout);
}

Result<void> setBackOffice(World& world, Presenter& presenter, bool reachable) {
    world.backOffice().setReachable(reachable);
    std::printf("  --- back office %s\n", reachable ? "is back" : "is away");
    return reachable ? presenter.waitUntilDelivered(linkLimit) : Result<void>{};
}

Result<void> cutPower(const Step& step, Presenter& presenter, PowerSwitch& power) {
    std::printf("  --- %s\n", std::string(step.title).c_str());
    return presenter.tapUntilPowerCut(std::string(step.medium), step.pull->at, power);
}

} // namespace

Result<std::vector<PlayedStep>> playDay(World& world, Presenter& presenter, PowerSwitch& power) {
    std::vector<PlayedStep> played;
    bool away = false;
    for (const auto& step : steps) {
        if (step.act == Act::back_office_away || step.act == Act::back_office_back) {
            away = step.act == Act::back_office_away;
            if (const auto set = setBackOffice(world, presenter, !away); !set)
                return failWith(set);
            continue;
        }
        if (step.act == Act::power_cut) {
            if (const auto cut = cutPower(step, presenter, power); !cut)
                return failWith(cut);
            continue;
        }
        const std::string medium(step.medium);
        const auto outcome = step.act == Act::tap ? presenter.tap(medium, step.pull) : presenter.show(medium);
        if (!outcome)
            return fail(outcome.error().reason, std::string(step.title) + ": " + outcome.error().context);
        played.push_back(judged(step, *outcome, away));
        if (away) // from the first record that cannot be delivered on, decisions are made offline
            if (const auto noticed = presenter.waitForLink("offline", linkLimit); !noticed)
                return failWith(noticed);
        printProgress(played.back(), step);
    }
    if (const auto delivered = presenter.waitUntilDelivered(linkLimit); !delivered)
        return failWith(delivered);
    return played;
}

} // namespace ykt::demo
