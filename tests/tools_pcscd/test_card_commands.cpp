// yktctl on the readers of scripts/with-pcscd, as a person would use it.
#include "apdu/trace.h"
#include "sim/cards/card_issuer.h"
#include "tests/drivers_pcscd/virtual_reader.h"
#include "tests/tools/program.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace testing;
using ykt::tests::Said;
using ykt::tests::Scratch;
using ykt::tests::yktctl;

namespace {

const std::string reader = "Virtual PCD 00 00";
const std::string selectSocialSecurity = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF00";

struct PersonalCard : World {
    PersonalCard() {
        spec.socialSecurityNumber = sim::simulatedNumber(std::chrono::year{1990} / 5 / 17, 12);
        spec.name = "马模拟";
        slot.insert(sim::CardIssuer::create().value().personalise(spec).value());
        REQUIRE(testing::nextEvent(*World::reader).kind == Kind::inserted);
    }
    sim::CardSpec spec;
};

} // namespace

TEST_CASE("Without a card, with two readers, and with a reader that is not there, yktctl says which it is") {
    const World world;
    const auto empty = yktctl({"card", "read", "--reader", reader});
    CHECK(empty.status == 7);
    CHECK(empty.err.find("no_card (Virtual PCD 00 00)") != std::string::npos);

    const auto two = yktctl({"card", "read"});
    CHECK(two.status == 6);
    CHECK(two.err.find("Virtual PCD 00 00\n") != std::string::npos);
    CHECK(two.err.find("Virtual PCD 00 01\n") != std::string::npos);

    const auto other = yktctl({"apdu", "0084000008", "--reader", "ACR122"});
    CHECK(other.status == 5);
    CHECK(other.err.find("ACR122") != std::string::npos);
}

TEST_CASE("A card in a reader is read, and its trace names nobody and is replayed") {
    const PersonalCard world;
    const Scratch scratch;
    const auto trace = scratch.file("card.trace").string();
    const auto said = yktctl({"card", "read", "--reader", reader, "--json", "--trace", trace});
    CAPTURE(said.out, said.err);
    REQUIRE(said.status == 0);
    const auto report = said.object();
    CHECK(report["reader"].get<std::string>().find(reader) != std::string::npos);
    CHECK(report["social_security"]["version"] == "3.0");
    CHECK(report["social_security"]["region"] == "银川市");
    CHECK(report["social_security"]["name"].is_null()); // EF06 of a 3.0 card needs a SAM
    CHECK(said.out.find(world.spec.cardNumber8) == std::string::npos);

    std::ifstream in(trace);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    REQUIRE(apdu::parseTrace(text));
    const auto replayed = yktctl({"card", "read", "--replay", trace});
    CHECK(replayed.status == 0);
    CHECK(replayed.out.find("银川市") != std::string::npos);
}

TEST_CASE("Raw commands are sent in order and their status words explained") {
    const PersonalCard world;
    const auto said = yktctl({"apdu", selectSocialSecurity, "00B2632806", "--reader", reader});
    CAPTURE(said.out, said.err);
    CHECK(said.status == 0);
    const auto lines = said.lines();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].ends_with("  SELECT"));
    CHECK(lines[3] == "< 6a83  record not found");
}

TEST_CASE("A card of none of these applications is told apart") {
    World world;
    world.insert([](ByteView) { return Bytes{0x6A, 0x82}; });
    const auto said = yktctl({"card", "read", "--reader", reader});
    CAPTURE(said.out, said.err);
    CHECK(said.status == 8);
    CHECK(said.err.find("application_missing") != std::string::npos);
}

TEST_CASE("Without the service yktctl says so") {
    pcscd("pcscd_stop KILL");
    const auto said = yktctl({"card", "read"});
    pcscd("pcscd_start");
    CHECK(said.status == 4);
    CHECK(said.err.find("service_gone") != std::string::npos);
}
