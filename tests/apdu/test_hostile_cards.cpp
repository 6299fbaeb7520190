// Cards whose answers are truncated, too long or random, at every place of a reading.
#include "direct_connection.h"
#include "tests/noise.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace ykt;
using namespace ykt::apdu::social_security;
using test::DirectConnection;
using test::readCard;
using test::readThrough;
using test::World;

namespace {

using Random = std::mt19937;
using Damage = Bytes (*)(Random&, Bytes);

Bytes cutAnywhere(Random& random, Bytes answer) {
    answer.resize(random() % answer.size());
    return answer;
}
// Data cut, status word kept.
Bytes cutData(Random& random, Bytes answer) {
    if (answer.size() > 2) {
        const auto kept = random() % (answer.size() - 2);
        answer.erase(answer.begin() + static_cast<std::ptrdiff_t>(kept), answer.end() - 2);
    }
    return answer;
}
Bytes tooLong(Random& random, Bytes answer) {
    const auto more = test::noise(random, 1 + random() % 400);
    answer.insert(answer.begin(), more.begin(), more.end());
    return answer;
}
Bytes random(Random& random, Bytes) {
    return test::noise(random, random() % 300);
}
Bytes randomButOk(Random& random, Bytes answer) {
    return concat({test::noise(random, answer.size() - 2), Bytes{0x90, 0x00}});
}
Bytes randomStatus(Random& random, Bytes answer) {
    answer.resize(answer.size() - 2);
    return concat({answer, test::noise(random, 2)});
}

// What was read is the card's own data, all of it.
bool isOf(const CardEvidence& evidence, const sim::CardSpec& spec) {
    return evidence.holder && evidence.holder->name.reveal() == spec.name &&
           evidence.holder->socialSecurityNumber.reveal() == spec.socialSecurityNumber &&
           evidence.issuer.cardNumber.starts_with(spec.cardNumber8) &&
           evidence.issuer.cityCode == spec.cityCode && evidence.cardAuthenticated &&
           evidence.issuer.expires == spec.expires;
}

} // namespace

TEST_CASE("A damaged answer at any place never makes another identity, and no failed reading makes one") {
    constexpr std::array<Damage, 6> damages{cutAnywhere, cutData, tooLong, random, randomButOk, randomStatus};
    constexpr int cases = 2000;
    World world;
    Random dice(20240301);
    const std::array versions{Version::v1_0, Version::v2_0, Version::v3_0};
    int refused = 0;
    int reached = 0;
    for (int i = 0; i < cases; ++i) {
        auto spec = World::person(versions.at(dice() % versions.size()),
                                  dice() % 2 == 0 ? Algorithm::sm4 : Algorithm::triple_des);
        spec.interface = dice() % 2 == 0 ? sim::CardInterface::contact : sim::CardInterface::contactless;
        spec.name = "一二三四五六七八九十一二三四五";
        const auto place = dice() % 12;
        const auto damage = damages.at(dice() % damages.size());
        bool changed = false;
        DirectConnection connection(world.card(spec), [&](std::size_t index, Bytes answer) {
            if (index != place)
                return answer;
            auto damaged = damage(dice, answer);
            changed = damaged != answer;
            return damaged;
        });
        const auto evidence = readThrough(connection, world.sam.get());
        reached += changed ? 1 : 0;
        refused += evidence ? 0 : 1;
        INFO("case " << i << " place " << place);
        REQUIRE(connection.exclusive() == 0);
        if (evidence)
            REQUIRE(isOf(*evidence, spec));
    }
    CHECK(reached > cases / 2);
    CHECK(refused > reached * 8 / 10);
    CHECK(refused <= reached);
}

TEST_CASE("A card that answers only noise is never an identity") {
    World world;
    Random dice(1);
    const auto card = world.card(World::person());
    for (int i = 0; i < 2000; ++i) {
        const bool ok = i % 2 == 0; // half of them claim success every time
        DirectConnection connection(card, [&](std::size_t, const Bytes&) {
            auto noise = test::noise(dice, dice() % 66);
            return ok ? concat({noise, Bytes{0x90, 0x00}}) : noise;
        });
        const auto evidence = readThrough(connection, i % 4 < 2 ? world.sam.get() : nullptr);
        REQUIRE_FALSE(evidence);
    }
}

TEST_CASE("A mute card is mute, and no identity") {
    World world;
    class Mute : public sim::CardSoftware {
      public:
        [[nodiscard]] Bytes atr() const override { return {0x3B, 0x00}; }
        std::optional<Bytes> answer(ByteView) override { return std::nullopt; }
        void reset() override {}
    };
    CHECK(readCard(std::make_shared<Mute>(), world.sam.get()).error() == Reason::card_mute);
}
