// What must hold in every situation, checked over all combinations of what a decision depends on.
#include "tests/policy/world.h"

#include <catch2/catch.hpp>
#include <functional>

using namespace ykt;
using namespace ykt::test;
using namespace std::chrono_literals;
using identity::Assurance;
using identity::Medium;

namespace {

const Result<bool> broken = fail(Reason::store_failed, "disk I/O error");
const std::vector<Result<bool>> answers{false, true, broken};

struct Combination {
    identity::VerifiedIdentity holder;
    policy::CatalogueState state;
    policy::LookUps lookUps;
    policy::Lists lists;
    Instant now;

    [[nodiscard]] policy::Decision decision() const {
        return decide(holder, {"test.service", "transport", 200, false}, state, lookUps, lists, now);
    }
};

std::vector<policy::CatalogueState> states() {
    std::vector<policy::CatalogueState> all;
    for (const auto* minimum : {"presented", "read", "authenticated", "authenticated_with_pin"}) {
        for (const int repeat : {0, 10}) {
            auto service = serviceJson();
            service["minimum_assurance"] = minimum;
            service["repeat_interval_s"] = repeat;
            all.push_back(stateOf(catalogueJson(service)));
        }
    }
    return all;
}

void forEachLists(Combination combination, const std::function<void(const Combination&)>& visit) {
    for (const bool online : {true, false})
        for (const auto age : {10s, 7200s})
            for (const auto trust : {TimeTrust::synced, TimeTrust::suspect}) {
                combination.lists = {online, age};
                combination.now = at(noon, trust);
                visit(combination);
            }
}

void forEachLookUp(Combination combination, const std::function<void(const Combination&)>& visit) {
    for (const auto& revoked : answers)
        for (const auto& used : answers)
            for (const auto& repeated : answers) {
                combination.lookUps = {revoked, used, repeated};
                forEachLists(combination, visit);
            }
}

void forEachCombination(const std::function<void(const Combination&)>& visit) {
    for (const auto& state : states())
        for (const auto medium : {Medium::social_security_card, Medium::electronic_card_code,
                                  Medium::fusion_code, Medium::legacy_card})
            for (const int assurance : {0, 1, 2, 3})
                for (const auto* region : {"640100", "110000"})
                    for (const bool singleUse : {false, true}) {
                        Combination combination{adult(), state, nothingListed(), {}, {}};
                        combination.holder.medium = medium;
                        combination.holder.assurance = static_cast<Assurance>(assurance);
                        combination.holder.region = region;
                        if (singleUse)
                            combination.holder.singleUse = identity::SingleUse{};
                        forEachLookUp(combination, visit);
                    }
}

} // namespace

TEST_CASE("a failed look-up that is needed never accepts, and a listed one neither") {
    std::size_t accepted = 0;
    std::size_t wrong = 0;
    forEachCombination([&](const Combination& combination) {
        if (!combination.decision().accepted())
            return;
        ++accepted;
        const auto clear = [](const Result<bool>& answer) { return answer && !*answer; };
        const bool repeatCounts =
            combination.state.catalogue->find("test.service")->repeatInterval.count() > 0;
        wrong += !clear(combination.lookUps.revoked) ||
                 (combination.holder.singleUse && !clear(combination.lookUps.codeUsed)) ||
                 (repeatCounts && !clear(combination.lookUps.repeated));
    });
    CHECK(accepted > 100); // the property speaks about something
    CHECK(wrong == 0);
}

TEST_CASE("raising the assurance never turns acceptance into refusal") {
    std::size_t compared = 0;
    std::size_t wrong = 0;
    forEachCombination([&](const Combination& combination) {
        if (!combination.decision().accepted())
            return;
        auto raised = combination;
        for (auto level = static_cast<int>(combination.holder.assurance) + 1; level < 4; ++level) {
            raised.holder.assurance = static_cast<Assurance>(level);
            ++compared;
            wrong += !raised.decision().accepted();
        }
    });
    CHECK(compared > 100);
    CHECK(wrong == 0);
}

TEST_CASE("a decision has a reason exactly when it does not accept, and only then costs nothing") {
    std::size_t wrong = 0;
    forEachCombination([&](const Combination& combination) {
        const auto decision = combination.decision();
        wrong += decision.accepted() == decision.reason.has_value();
        wrong += decision.accepted() != (decision.fareFen == 200);
        wrong += decision.holderText.zh.empty() || decision.holderText.en.empty();
    });
    CHECK(wrong == 0);
}

TEST_CASE("a failed look-up says so with the store's context; one that was never asked counts as failed") {
    Combination combination{adult(), stateOf(catalogueJson()), nothingListed(), freshLists(), at(noon)};
    combination.lookUps.revoked = broken;
    CHECK(combination.decision().reason == Reason::look_up_failed);
    CHECK(combination.decision().context == "disk I/O error");

    combination.lookUps = {};
    CHECK(combination.decision().reason == Reason::look_up_failed);
    combination.lookUps.revoked = false;
    CHECK(combination.decision().context == "recent passages not asked");
    combination.lookUps.repeated = false;
    CHECK(combination.decision().accepted()); // a card is not single-use
    combination.holder.singleUse = identity::SingleUse{};
    CHECK(combination.decision().context == "used codes not asked");
}

TEST_CASE("claims: the code, and holder and service for the repeat interval") {
    const auto state = stateOf(catalogueJson());
    const auto& service = *state.catalogue->find("test.service");
    auto holder = adult();
    auto claims = claimsFor(holder, service, noon);
    REQUIRE(claims.size() == 1);
    CHECK(claims[0].refusal == Reason::repeated_too_soon);
    CHECK(claims[0].until == noon + 10s);
    const auto passage = claims[0].key;

    holder.singleUse = identity::SingleUse{ByteArray<32>{9}, noon + 600s};
    claims = claimsFor(holder, service, noon + 1h);
    REQUIRE(claims.size() == 2);
    CHECK(claims[0].refusal == Reason::already_used);
    const auto code = claims[0].key;
    CHECK(claims[0].until == noon + 600s);
    CHECK(claims[1].key == passage); // the same holder and service, whatever the medium and time

    auto other = service;
    other.id = "test.other";
    CHECK(claimsFor(holder, other, noon)[1].key != passage);
    CHECK(claimsFor(holder, other, noon)[0].key != code); // once at each service
    CHECK(claimsFor(holder, service, noon)[0].key == code);
    holder.singleUse->key[0] ^= 1;
    CHECK(claimsFor(holder, service, noon)[0].key != code);
    holder.subject[0] ^= 1;
    CHECK(claimsFor(holder, service, noon)[1].key != passage);
    other.repeatInterval = 0s;
    CHECK(claimsFor(adult(), other, noon).empty());
}
