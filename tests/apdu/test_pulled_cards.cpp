#include "direct_connection.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu::social_security;
using test::DirectConnection;
using test::readCard;
using test::readThrough;
using test::World;

TEST_CASE("A card pulled at any exchange is gone, and is read whole when it comes back") {
    World world;
    const auto version = GENERATE(Version::v1_0, Version::v2_0, Version::v3_0);
    const auto moment = GENERATE(sim::PullMoment::before_it_acts, sim::PullMoment::after_it_acted);
    auto spec = World::person(version, Algorithm::sm4);
    spec.name = "一二三四五六七八九十一二三四五六"; // needs tag 4E on 2.0 and 3.0
    if (version == Version::v1_0)
        spec.name = "马模拟";
    const auto card = world.card(spec);

    DirectConnection whole(card);
    apdu::Channel channel(whole);
    REQUIRE(SocialSecurityCard(channel, world.sam.get()).read());
    REQUIRE(channel.exchanges() >= 7);
    for (std::size_t at = 0; at < channel.exchanges(); ++at) {
        INFO("exchange " << at);
        sim::PulledConnection pulled(std::make_unique<DirectConnection>(card), at, moment);
        const auto evidence = readThrough(pulled, world.sam.get());
        REQUIRE_FALSE(evidence);
        CHECK(evidence.error() == Reason::card_gone);
        const auto again = readCard(card, world.sam.get());
        REQUIRE(again);
        CHECK(again->holder->name.reveal() == spec.name);
    }
}

TEST_CASE("A card pulled after the last exchange was read") {
    World world;
    sim::PulledConnection pulled(std::make_unique<DirectConnection>(world.card(World::person())), 100,
                                 sim::PullMoment::before_it_acts);
    CHECK(readThrough(pulled, world.sam.get()).has_value());
}
