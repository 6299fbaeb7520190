#include "purse_world.h"

#include <catch2/catch.hpp>

using namespace ykt;
using test::dataOf;
using test::PurseWorld;
using test::selectPurse;
using test::selectSocialSecurity;

TEST_CASE("A purse is selected by the beginning of its name, and gives file 15 in its FCI") {
    PurseWorld world;
    const std::string name = "a00000063201010510009156000014a1";
    CHECK(world.card.send(selectPurse) == "6f398410" + name + "a5259f0801029f0c1e" + world.file15 + "9000");
    CHECK(world.card.send("00A4040010" + name + "00").ends_with("9000"));
    CHECK(world.card.send("00A4040008A00000063201010600") == "6a82");
    CHECK(world.card.send(selectSocialSecurity) == "6a82"); // a plain transit card
}

TEST_CASE("File 15 is read where the FCI does not carry it") {
    sim::PurseSpec spec;
    spec.publicFileInFci = false;
    PurseWorld world(spec);
    CHECK(world.card.send(selectPurse) == "6f188410a00000063201010510009156000014a1a5049f0801029000");
    CHECK(world.file15.size() == 60);
}

TEST_CASE("File 15 and file 17 hold what the spec says") {
    using namespace std::chrono;
    sim::PurseSpec spec;
    spec.start = year{2025} / 2 / 3;
    spec.expires = year{2031} / 12 / 31;
    spec.cardType = 3;
    spec.city = "6405";
    PurseWorld world(spec);
    CHECK(world.file15.starts_with("09996401ffffffff01010999964"));
    CHECK(world.file15.substr(40, 16) == "2025020320311231");
    const auto file17 = dataOf(world.card.send("00B097003C"));
    CHECK(file17.size() == 120);
    CHECK(file17.substr(12, 10) == "6405000103");
    spec.interoperable = false;
    CHECK(dataOf(PurseWorld(spec).card.send("00B097003C")).substr(16, 4) == "0000");
}

TEST_CASE("Nobody reads the holder's file of a purse") {
    PurseWorld world;
    CHECK(world.card.send("00B0960037") == "6982");
}

TEST_CASE("A new purse has no log and no trips, and two composite records") {
    PurseWorld world;
    CHECK(world.card.send("00B201C417") == "6a83");
    CHECK(world.card.send("00B201F430") == "6a83");
    CHECK(dataOf(world.card.send("00B201D480")).starts_with("27017d01010000"));
    CHECK(dataOf(world.card.send("00B202D480")).starts_with("27027d01010000"));
    CHECK(world.card.send("00B203D480") == "6a83");
}

TEST_CASE("A purse and a social security application live on one card, each with its own state") {
    PurseWorld world({}, sim::SocialSecurityPlace::below_mf);
    CHECK(world.card.send(selectSocialSecurity).ends_with("9000"));
    CHECK(world.balance() == "6d00"); // that is the purse's
    CHECK(world.card.send(selectPurse).ends_with("9000"));
    CHECK(world.balance() == "000013889000");
    CHECK(world.card.send("00B2072C0B") == "6a82"); // that is the other one's
}

TEST_CASE("The balance is told with its overdraft and in its parts") {
    sim::PurseSpec spec;
    spec.balanceFen = 300;
    spec.overdraftFen = 500;
    PurseWorld world(spec);
    CHECK(world.card.send("805C000204") == "000003209000");
    CHECK(world.card.send("805C010204") == "000001f49000");
    CHECK(world.card.send("805C020204") == "000000009000");
    CHECK(world.card.send("805C030204") == "0000012c9000");
    REQUIRE(world.pay(400).ends_with("9000"));
    CHECK(world.card.send("805C000204") == "000001909000");
    CHECK(world.card.send("805C020204") == "000000649000");
    CHECK(world.card.send("805C030204") == "000000009000");
    CHECK(world.purse->state().balanceFen == -100);
    CHECK(world.card.send("805C000104") == "6a86"); // that is the passbook
    CHECK(world.card.send("805C040204") == "6a86");
    CHECK(world.card.send("805C00020100") == "6700");
}

TEST_CASE("A purse cannot be made from what it cannot hold") {
    auto issuer = sim::CardIssuer::create().value();
    const auto refused = [&](auto change) {
        auto spec = test::simulatedPerson();
        spec.purse = sim::PurseSpec{};
        change(*spec.purse);
        const auto card = issuer.personalise(spec);
        return !card && card.error() == Reason::input_malformed;
    };
    CHECK(refused([](auto& purse) { purse.city = "640"; }));
    CHECK(refused([](auto& purse) { purse.city = "64A1"; }));
    CHECK(refused([](auto& purse) { purse.overdraftFen = 0x1000000; }));
    CHECK(refused([](auto& purse) { purse.balanceFen = 0x80000000; }));
    CHECK_FALSE(refused([](auto& purse) { purse.balanceFen = 0x7FFFFFFF; }));
}
