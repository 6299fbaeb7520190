#include "purse_world.h"

#include <catch2/catch.hpp>

using namespace ykt;
using test::dataOf;
using test::PurseWorld;
using test::selectSamApplication;

namespace {

// 80 70 for an invented card, 100 fen.
const std::string order =
    "8070000024a1b2c3d400070000006406202611240830150100996400000135895409996401ffffffff08";

} // namespace

TEST_CASE("The PSAM's sequence moves with each purchase and outlives the power") {
    PurseWorld world;
    CHECK(dataOf(world.sam.send(order)).starts_with("00000001"));
    CHECK(dataOf(world.sam.send(order)).starts_with("00000002"));
    world.sam.reset();
    CHECK(world.sam.send(order) == "6985"); // its application is not selected
    world.sam.send(selectSamApplication);
    CHECK(dataOf(world.sam.send(order)).starts_with("00000003"));
}

TEST_CASE("The PSAM accepts one MAC2, the right one, after a purchase") {
    PurseWorld world;
    const auto authorisation = world.authorise(dataOf(world.initialise(100)), 100);
    const auto mac2 = dataOf(world.debit(world.authorise(dataOf(world.initialise(100)), 100))).substr(8);
    SECTION("right, once") {
        CHECK(world.sam.send("8072000004" + mac2) == "9000");
        CHECK(world.sam.send("8072000004" + mac2) == "6985");
    }
    SECTION("wrong, once") {
        CHECK(world.sam.send("807200000400000000") == "9302");
        CHECK(world.sam.send("8072000004" + mac2) == "6985");
    }
    SECTION("after a reset") {
        world.sam.reset();
        world.sam.send(selectSamApplication);
        CHECK(world.sam.send("8072000004" + mac2) == "6985");
    }
    SECTION("after another order") {
        dataOf(world.sam.send(order));
        CHECK(world.sam.send("8072000004" + mac2) == "9302");
    }
    SECTION("of another length") {
        CHECK(world.sam.send("8072000003000000") == "6700");
    }
}

TEST_CASE("What the PSAM cannot authorise it refuses") {
    PurseWorld world;
    const auto with = [](std::size_t at, const std::string& text) {
        auto changed = order;
        return changed.replace(at, text.size(), text);
    };
    CHECK(world.sam.send(with(46, "02")) == "9403"); // key version
    CHECK(world.sam.send(with(48, "01")) == "9403"); // algorithm
    CHECK(world.sam.send(with(4, "01")) == "6a86");
    CHECK(world.sam.send("8070000004a1b2c3d408") == "6700");
    CHECK(world.sam.send("8072000004 00000000") == "6985"); // none of them began a purchase
}

TEST_CASE("The key that locks a purse is made for one MAC") {
    PurseWorld world;
    const std::string factors = "996400000135895409996401ffffffff";
    const std::string message = "80FA050010a1b2c3d400000000841e00000480000004";
    CHECK(world.sam.send(message) == "6985");
    CHECK(world.sam.send("801A460210" + factors) == "9403");
    CHECK(world.sam.send("801A450208" + factors.substr(16)) == "6700");
    REQUIRE(world.sam.send("801A450210" + factors) == "9000");
    CHECK(dataOf(world.sam.send(message)).size() == 8);
    CHECK(world.sam.send(message) == "6985");
    REQUIRE(world.sam.send("801A450210" + factors) == "9000");
    CHECK(world.sam.send("80FA050010 a1b2c3d400000000 841e000004000000 04") == "6a80"); // not padded
    REQUIRE(world.sam.send("801A450210" + factors) == "9000");
    CHECK(world.sam.send("80FA05000C a1b2c3d400000000 841e0000 04") == "6700");
}

TEST_CASE("A locked PSAM says how it is locked") {
    auto issuer = sim::CardIssuer::create().value();
    test::CardTerminal application(issuer.makeSam(sim::SamLock::application).value());
    CHECK(application.send(selectSamApplication) == "9303");
    CHECK(application.send(order) == "6985");
    test::CardTerminal keys(issuer.makeSam(sim::SamLock::keys).value());
    CHECK(keys.send(selectSamApplication).ends_with("9000"));
    CHECK(keys.send("00B0960006").ends_with("9000"));
    CHECK(keys.send(order) == "6983");
    CHECK(keys.send("BFDE670818" + std::string(48, '0')) == "6983");
}
