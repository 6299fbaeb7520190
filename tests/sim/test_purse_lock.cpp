#include "purse_world.h"

#include <catch2/catch.hpp>

using namespace ykt;
using test::dataOf;
using test::PurseWorld;
using test::selectPurse;

namespace {

// The PSAM's MAC over the padded header, from the card's last challenge on.
std::string lockMac(PurseWorld& world, const std::string& header = "841e000004800000") {
    const auto challenge = dataOf(world.card.send("0084000004"));
    REQUIRE(world.sam.send("801A450210" + world.shortSerial() + world.issuerNumber()) == "9000");
    return dataOf(world.sam.send("80FA050010" + challenge + "00000000" + header + "04"));
}

} // namespace

TEST_CASE("A locked purse says so at its selection, and pays no more") {
    PurseWorld world;
    REQUIRE(world.pay(100).ends_with("9000"));
    REQUIRE(world.card.send("841E000004" + lockMac(world)) == "9000");
    CHECK(world.purse->state().lock == sim::PurseLock::reversible);
    CHECK(world.initialise(100) == "9407");
    CHECK(world.debit("0000000100000000") == "9407");
    world.card.reset();
    CHECK(world.card.send(selectPurse) == "6283");
    CHECK(world.initialise(100) == "9407");
    CHECK(world.balance() == "000013249000");                // what is there can still be seen
    CHECK(world.card.send("805A000602000108").size() == 20); // and a torn debit still be settled
}

TEST_CASE("A purse that is locked for good cannot be selected") {
    PurseWorld world;
    REQUIRE(world.card.send("841E000104" + lockMac(world, "841e000104800000")) == "9000");
    world.card.reset();
    CHECK(world.card.send(selectPurse) == "9303");
    CHECK(world.balance() == "6d00");
}

TEST_CASE("Only the issuer's MAC for this card and this challenge locks it") {
    PurseWorld world;
    CHECK(world.card.send("841E00000400000000") == "6984"); // no challenge
    const auto mac = lockMac(world);
    SECTION("another command's MAC") {
        CHECK(world.card.send("841E000104" + mac) == "9302");
    }
    SECTION("an old MAC") {
        world.card.send("0084000004");
        CHECK(world.card.send("841E000004" + mac) == "9302");
    }
    SECTION("another card's MAC") {
        PurseWorld other;
        CHECK(world.card.send("841E000004" + lockMac(other)) == "9302");
    }
    SECTION("not a MAC") {
        CHECK(world.card.send("841E000003000000") == "6700");
        CHECK(world.card.send("841E000204" + mac) == "6a86");
    }
    CHECK(world.purse->state().lock == sim::PurseLock::open);
    CHECK(world.card.send(selectPurse).ends_with("9000"));
}

TEST_CASE("A challenge serves once for a lock") {
    PurseWorld world;
    const auto mac = lockMac(world);
    CHECK(world.card.send("841E00000400000000") == "9302");
    CHECK(world.card.send("841E000004" + mac) == "6984");
}
