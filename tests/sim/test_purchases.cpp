#include "purse_world.h"

#include <catch2/catch.hpp>
#include <set>

using namespace ykt;
using test::dataOf;
using test::hexOf;
using test::purchaseTime;
using test::PurseWorld;
using test::selectPurse;

namespace {

const std::string composite = "03";
const std::string compositeType = "09";

std::string busRecord(const std::string& filling) {
    std::string record = "27027d0101";
    while (record.size() < 256)
        record += filling;
    return record.substr(0, 256);
}

std::string tripRecord(const std::string& first) {
    return first + std::string(94, '3');
}

template <std::size_t N>
ByteArray<N> arrayOf(const std::string& hex) {
    const auto bytes = fromHex(hex).value();
    ByteArray<N> out{};
    REQUIRE(bytes.size() == N);
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

sim::PurchaseClaim claimOf(const PurseWorld& world, std::uint32_t fen, std::uint8_t type,
                           const std::string& authorisation, const std::string& tac) {
    sim::PurchaseClaim claim;
    claim.issuer = arrayOf<8>(world.issuerNumber());
    claim.serial = arrayOf<8>(world.shortSerial());
    claim.amountFen = fen;
    claim.type = type;
    claim.terminal = arrayOf<6>(world.terminal);
    claim.terminalSequence = arrayOf<4>(authorisation.substr(0, 8));
    claim.time = arrayOf<7>(purchaseTime);
    claim.tac = arrayOf<4>(tac);
    return claim;
}

} // namespace

TEST_CASE("A simple purchase takes the money, and PSAM and issuer can tell") {
    PurseWorld world;
    const auto start = dataOf(world.initialise(200));
    CHECK(start.starts_with("0000138800000000000100"));
    CHECK(start.size() == 30);
    CHECK(world.balance() == "000013889000"); // nothing is taken yet
    const auto begun = dataOf(world.initialise(200));
    const auto authorisation = world.authorise(begun, 200);
    CHECK(authorisation.starts_with("00000001"));
    const auto proof = dataOf(world.debit(authorisation));
    REQUIRE(proof.size() == 16);
    CHECK(world.sam.send("8072000004" + proof.substr(8)) == "9000");
    CHECK(world.purse->state().balanceFen == 4800);
    CHECK(world.purse->state().counter == 1);
    CHECK(world.balance() == "000012c09000");

    auto claim = claimOf(world, 200, 0x06, authorisation, proof.substr(0, 8));
    CHECK(world.issuer.tacIsRight(claim).value());
    claim.amountFen = 201;
    CHECK_FALSE(world.issuer.tacIsRight(claim).value());
    claim.amountFen = 200;
    claim.terminal[5] ^= 1;
    CHECK_FALSE(world.issuer.tacIsRight(claim).value());
    CHECK_FALSE(sim::CardIssuer::create()->tacIsRight(claim).value());
}

TEST_CASE("A debit is written into the log, newest first, ten at most") {
    PurseWorld world;
    for (std::uint32_t i = 1; i <= 11; ++i)
        REQUIRE(world.pay(i).ends_with("9000"));
    CHECK(dataOf(world.card.send("00B201C417")) == "000b0000000000000b06" + world.terminal + purchaseTime);
    CHECK(dataOf(world.card.send("00B20AC417")).starts_with("000200000000000002"));
    CHECK(world.card.send("00B20BC417") == "6a83");
}

TEST_CASE("A composite purchase writes its records with the debit, and not before") {
    PurseWorld world;
    const auto start = dataOf(world.initialise(150, composite));
    REQUIRE(world.card.send("80DC02D080" + busRecord("ab")) == "9000");
    REQUIRE(world.card.send("80DC00F030" + tripRecord("04")) == "9000");
    const auto authorisation = world.authorise(start, 150, compositeType);
    SECTION("the debit comes") {
        const auto proof = dataOf(world.debit(authorisation));
        CHECK(dataOf(world.card.send("00B202D480")) == busRecord("ab"));
        CHECK(dataOf(world.card.send("00B201F430")) == tripRecord("04"));
        CHECK(dataOf(world.card.send("00B201C417")).substr(18, 2) == compositeType);
        CHECK(world.issuer.tacIsRight(claimOf(world, 150, 0x09, authorisation, proof.substr(0, 8))).value());
    }
    SECTION("the power goes") {
        world.powerLoss();
        CHECK(world.debit(authorisation) == "6985");
        CHECK(dataOf(world.card.send("00B202D480")).starts_with("27027d01010000"));
        CHECK(world.card.send("00B201F430") == "6a83");
        CHECK(world.purse->state().balanceFen == 5000);
    }
    SECTION("the debit is refused") {
        CHECK(world.debit(authorisation.substr(0, 8) + "00000000") == "9302");
        CHECK(world.card.send("00B201F430") == "6a83");
        CHECK(world.debit(authorisation) == "6985"); // one try
        CHECK(world.purse->state().balanceFen == 5000);
    }
}

TEST_CASE("Trips are kept, thirty of them") {
    PurseWorld world;
    for (std::uint32_t i = 1; i <= 31; ++i) {
        const auto start = dataOf(world.initialise(0, composite));
        REQUIRE(world.card.send("80DC00F030" + tripRecord(hexOf(i, 1))) == "9000");
        REQUIRE(world.debit(world.authorise(start, 0, compositeType)).ends_with("9000"));
    }
    CHECK(dataOf(world.card.send("00B201F430")) == tripRecord("1f"));
    CHECK(dataOf(world.card.send("00B21EF430")) == tripRecord("02"));
    CHECK(world.card.send("00B21FF430") == "6a83");
}

TEST_CASE("Records are taken only in a composite purchase, and only what fits") {
    PurseWorld world;
    const auto update = "80DC02D080" + busRecord("ab");
    CHECK(world.card.send(update) == "6985");
    dataOf(world.initialise(100));
    CHECK(world.card.send(update) == "6985"); // a simple one
    dataOf(world.initialise(100, composite));
    CHECK(world.card.send("80DC01D080" + busRecord("ab")) == "6a80"); // that is the rail record's place
    CHECK(world.card.send("80DC03D080" + busRecord("ab")) == "6a83");
    CHECK(world.card.send("80DC00D080" + busRecord("ab")) == "6a83");
    CHECK(world.card.send("80DC02D07F" + busRecord("ab").substr(2)) == "6700");
    CHECK(world.card.send("80DC00F02F" + tripRecord("04").substr(2)) == "6700");
    CHECK(world.card.send("80DC01F030" + tripRecord("04")) == "6a83");
    CHECK(world.card.send("80DC00C017" + std::string(46, '0')) == "6a82"); // the log is the card's own
    CHECK(world.card.send("80DC02D480" + busRecord("ab")) == "6a86");
    CHECK(world.card.send(update) == "9000"); // the refusals ended nothing
}

TEST_CASE("A purchase is refused before anything is taken") {
    sim::PurseSpec spec;
    spec.balanceFen = 300;
    spec.overdraftFen = 200;
    PurseWorld world(spec);
    CHECK(world.initialise(501) == "9401");
    CHECK(world.initialise(500).ends_with("9000"));
    CHECK(world.card.send("805001020B02 00000001 6499990000010F") == "9403");
    CHECK(world.card.send("805002020B01 00000001 6499990000010F") == "6a86");
    CHECK(world.card.send("805001010B01 00000001 6499990000010F") == "6a86");
    CHECK(world.card.send("805001020A01 00000001 64999900000F") == "6700");
    CHECK(world.card.send("805001020B01 00000001 64999900000110") == "6c0f");
    CHECK(world.purse->state().balanceFen == 300);
    CHECK(world.purse->state().counter == 0);
}

TEST_CASE("A counter that is used up ends purchases") {
    sim::PurseSpec spec;
    spec.counter = 0xFFFE;
    PurseWorld world(spec);
    CHECK(world.pay(1).ends_with("9000"));
    CHECK(world.purse->state().counter == 0xFFFF);
    CHECK(world.initialise(1) == "9402");
}

TEST_CASE("A debit needs its purchase, its MAC and its length") {
    PurseWorld world;
    CHECK(world.debit("0000000100000000") == "6985");
    const auto start = dataOf(world.initialise(100));
    const auto authorisation = world.authorise(start, 100);
    CHECK(world.card.send("805401000E" + std::string(28, '0') + "08") == "6700");
    CHECK(world.card.send("805400000F" + std::string(30, '0') + "08") == "6a86");
    CHECK(world.card.send("805401000F" + authorisation.substr(0, 8) + purchaseTime + authorisation.substr(8) +
                          "07") == "6c08");
    CHECK(world.purse->state().counter == 0); // a wrong Le took nothing
    SECTION("another time than the PSAM was told") {
        CHECK(world.card.send("805401000F" + authorisation.substr(0, 8) + "20261124083016" +
                              authorisation.substr(8) + "08") == "9302");
    }
    SECTION("another sequence") {
        CHECK(world.debit("00000002" + authorisation.substr(8)) == "9302");
    }
    SECTION("a command came between") {
        CHECK(world.balance() == "000013889000");
        CHECK(world.debit(authorisation) == "6985");
    }
    SECTION("another application's PSAM") {
        world.sam = test::CardTerminal(sim::CardIssuer::create()->makeSam().value());
        world.sam.send(test::selectSamApplication);
        CHECK(world.debit(world.authorise(start, 100)) == "9302");
    }
    CHECK(world.purse->state().balanceFen == 5000);
}

TEST_CASE("The random number, and so the MAC, is another one each time") {
    PurseWorld world;
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i)
        seen.insert(dataOf(world.initialise(100)).substr(22));
    CHECK(seen.size() == 8);
}

TEST_CASE("The proof of the last purchase outlives the power, for its counter and type only") {
    PurseWorld world;
    CHECK(world.card.send("805A000602 0001 08") == "9406"); // none yet
    const auto proof = dataOf(world.pay(100));
    const auto reversed = proof.substr(8) + proof.substr(0, 8) + "9000";
    world.powerLoss();
    CHECK(world.card.send("805A000602 0001 08") == reversed);
    CHECK(world.card.send("805A000602 0001 08") == reversed); // as often as asked for
    CHECK(world.card.send("805A000902 0001 08") == "9406");
    CHECK(world.card.send("805A000602 0000 08") == "9406");
    CHECK(world.card.send("805A000602 0002 08") == "9406");
    CHECK(world.card.send("805A010602 0001 08") == "6a86");
    CHECK(world.card.send("805A000601 01 08") == "6700");
    REQUIRE(world.pay(100).ends_with("9000"));
    CHECK(world.card.send("805A000602 0001 08") == "9406"); // the last one only
}

TEST_CASE("At every command of a purchase the power may go, and the purse is either before or after it") {
    constexpr int steps = 5;
    for (int lostAfter = 0; lostAfter < steps; ++lostAfter) {
        PurseWorld world;
        std::string start;
        const auto run = [&](int step) {
            switch (step) {
            case 0:
                world.card.send(selectPurse);
                break;
            case 1:
                start = dataOf(world.initialise(150, composite));
                break;
            case 2:
                world.card.send("80DC02D080" + busRecord("cd"));
                break;
            case 3:
                world.card.send("80DC00F030" + tripRecord("06"));
                break;
            default:
                world.debit(world.authorise(start, 150, compositeType));
            }
        };
        for (int step = 0; step <= lostAfter; ++step)
            run(step);
        world.powerLoss();
        const bool done = lostAfter == steps - 1;
        INFO("power lost after command " << lostAfter);
        CHECK(world.purse->state().balanceFen == (done ? 4850 : 5000));
        CHECK(world.purse->state().counter == (done ? 1 : 0));
        CHECK((world.card.send("805A000902000108") != "9406") == done);
        CHECK((world.card.send("00B201F430") != "6a83") == done);
        CHECK((world.card.send("00B201C417") != "6a83") == done);
        CHECK((dataOf(world.card.send("00B202D480")) == busRecord("cd")) == done);
    }
}

TEST_CASE("A forged purse works out no right MAC") {
    auto spec = test::simulatedPerson();
    spec.purse = sim::PurseSpec{};
    spec.forged = true;
    PurseWorld world;
    world.software = world.issuer.personalise(spec).value();
    world.card = test::CardTerminal(world.software);
    world.card.send(selectPurse);
    world.file15 = dataOf(world.card.send("00B095001E"));
    CHECK(world.pay(100) == "9302");
}
