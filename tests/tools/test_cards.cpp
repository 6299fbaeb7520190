// Cards taken apart, and read from a trace in place of a reader.
#include "apdu/social_security/card.h"
#include "apdu/trace.h"
#include "sim/cards/card_issuer.h"
#include "tests/apdu/direct_connection.h"
#include "tests/tools/program.h"
#include "tools/yktctl/card_report.h"

#include <catch2/catch.hpp>
#include <sstream>

using namespace ykt;
using ykt::tests::Said;
using ykt::tests::Scratch;
using ykt::tests::yktctl;
using Json = nlohmann::ordered_json;

namespace {

// A masked trace of what `yktctl card read` does to this card.
std::string traceOf(const sim::CardSpec& spec) {
    test::World world;
    test::DirectConnection card(world.card(spec));
    std::ostringstream out;
    apdu::TracedConnection traced(card, out);
    apdu::Channel channel(traced);
    REQUIRE(tools::readCard(channel));
    return out.str();
}

// Keeps everything, which only an invented card may have done to it.
class Recorder : public test::DirectConnection {
  public:
    using DirectConnection::DirectConnection;
    Result<Bytes> transmit(ByteView command) override {
        auto answer = DirectConnection::transmit(command);
        apdu::TraceStep step;
        step.command = apdu::shown(command);
        step.answer = apdu::shown(*answer);
        trace.steps.push_back(std::move(step));
        return answer;
    }
    apdu::Trace trace{apdu::shown(atr()), {}};
};

sim::CardSpec newCard() {
    auto spec =
        test::World::person(apdu::social_security::Version::v3_0, apdu::social_security::Algorithm::sm4);
    spec.cityCode = "640400";
    spec.purse.emplace();
    spec.purse->cardType = 2;
    return spec;
}

sim::CardSpec oldCard() {
    auto spec =
        test::World::person(apdu::social_security::Version::v2_0, apdu::social_security::Algorithm::sm4);
    spec.purse.emplace();
    spec.financial.emplace();
    return spec;
}

} // namespace

TEST_CASE("decode-atr shows chip, software, maker and region of a social security card, not its serial") {
    const auto answer = yktctl({"decode-atr", "3B 6D 00 00 00 81 53 49 4D 59 4B 64 01 51 00 00 01"}).object();
    CHECK(answer["ts"] == "3b");
    CHECK(answer["convention"] == "direct");
    CHECK(answer["interface_bytes"] == Json{{"TB1", "00"}, {"TC1", "00"}});
    CHECK(answer["protocols"] == Json::array({0}));
    CHECK(answer["historical"] == "008153494d594b6401********");
    CHECK(answer["social_security"] == Json{{"chip", "0081"},
                                            {"card_software", "53494d"},
                                            {"maker", "594b"},
                                            {"area", "6401"},
                                            {"region", "银川市"},
                                            {"serial", "********"}});
    CHECK(answer["storage_card"].is_null());
}

TEST_CASE("decode-atr knows what a contactless reader makes of a card without a processor") {
    const auto answer = yktctl({"decode-atr", "3B8F8001804F0CA000000306030001000000006A"}).object();
    CHECK(answer["contactless"] == true);
    CHECK(answer["protocols"] == Json::array({0, 1}));
    CHECK(answer["check_holds"] == true);
    CHECK(answer["storage_card"]["rid"] == "a000000306");
    CHECK(answer["storage_card"]["standard_name"] == "ISO 14443 A part 3");
    CHECK(answer["storage_card"]["card_name"] == "MIFARE Classic 1K");
    CHECK(yktctl({"decode-atr", "3B8F8001804F0CA000000306030001000000006B"}).object()["check_holds"] ==
          false);
}

TEST_CASE("decode-atr says what is no ATR") {
    for (const auto* hex : {"3C00", "3B", "3B6D00", "3B0041FF", "3B9F"}) {
        const auto said = yktctl({"decode-atr", hex});
        CAPTURE(hex);
        CHECK(said.status == 1);
        CHECK(said.object()["error"] == "card_data_malformed");
    }
    CHECK(yktctl({"decode-atr", "3"}).status == 2);
}

TEST_CASE("decode-fci names the tags and the algorithm") {
    const auto answer =
        yktctl({"decode-fci", "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"}).object();
    CHECK(answer["name"] == "FCI template");
    CHECK(answer["children"][0]["name"] == "DF name");
    CHECK(answer["children"][0]["value"] == "7378312e73682ec9e7bbe1b1a3d5cf");
    const auto& proprietary = answer["children"][1];
    CHECK(proprietary["children"][0]["name"] == "SFI of the directory");
    CHECK(proprietary["children"][1]["algorithm"] == "SM4");
    CHECK(proprietary["children"][1]["children"][0]["value"] == "03");
}

TEST_CASE("decode-fci shows a purse's dates and covers its serial number") {
    const auto said = yktctl({"decode-fci", "6F318408A000000632010105A5259F0801029F0C1E"
                                            "01011000FFFFFFFF0102031048701234567890122024010120340228"
                                            "0000"});
    const auto answer = said.object();
    const auto& purse = answer["children"][1]["children"][1]["purse"];
    CHECK(purse["start"] == "2024-01-01");
    CHECK(purse["expires"] == "2034-02-28");
    CHECK(purse["serial"] == "***************9012");
    CHECK(said.out.find("4870123456") == std::string::npos);
}

TEST_CASE("decode-fci says what is no FCI") {
    for (const auto* hex : {"6F05", "70028400", "6F008400", ""}) {
        CAPTURE(hex);
        const auto said = yktctl({"decode-fci", hex});
        CHECK(said.status == 1);
        CHECK(said.object()["error"] == "tlv_malformed");
    }
}

TEST_CASE("A card is read from a masked trace as far as the trace shows it") {
    const Scratch scratch;
    const auto trace = scratch.write("card.trace", traceOf(newCard()));
    const auto said = yktctl({"card", "read", "--replay", trace.string(), "--json"});
    CAPTURE(said.out, said.err);
    REQUIRE(said.status == 0);
    const auto report = said.object();
    const auto& card = report["social_security"];
    CHECK(card["version"] == "3.0");
    CHECK(card["algorithm"] == "SM4");
    CHECK(card["region"] == "固原市");
    CHECK(card["expires"] == "2034-02-28");
    CHECK(card["card_number"] == "*****0000");
    CHECK(card["number"].is_null()); // EF06 of a 3.0 card needs a SAM
    const auto& purse = report["transit"];
    CHECK(purse["card_type"] == "student");
    CHECK(purse["interoperable"] == true);
    CHECK(purse["expires"] == "2034-02-28");
}

TEST_CASE("The replay of a whole trace reads as the card did") {
    const Scratch scratch;
    test::World world;
    Recorder card(world.card(oldCard()));
    apdu::Channel channel(card);
    auto report = tools::readCard(channel);
    REQUIRE(report);
    const auto trace = scratch.write("card.trace", apdu::formatTrace(card.trace));
    auto replayed = yktctl({"card", "read", "--replay", trace.string(), "--json"}).object();
    replayed.erase("reader");
    CHECK(replayed == *report);
}

TEST_CASE("A card is read live with names and numbers covered") {
    const auto spec = oldCard();
    test::World world;
    test::DirectConnection connection(world.card(spec));
    apdu::Channel channel(connection);
    const auto report = tools::readCard(channel);
    REQUIRE(report);
    const auto text = tools::oneLine(*report);
    CAPTURE(text);
    CHECK((*report)["social_security"]["name"] == "马**");
    CHECK((*report)["social_security"]["number"] == "**************" + spec.socialSecurityNumber.substr(14));
    CHECK((*report)["transit"]["balance_fen"] == 5000);
    CHECK((*report)["financial"]["expires"] == "2034-02");
    CHECK(text.find(spec.name) == std::string::npos);
    CHECK(text.find(spec.socialSecurityNumber) == std::string::npos);
    CHECK(text.find(spec.cardNumber8) == std::string::npos);
    CHECK(text.find(spec.financial->accountNumber) == std::string::npos);
}

TEST_CASE("What cannot be replayed is told, and traces can be made of replays") {
    const Scratch scratch;
    const auto again = scratch.file("again.trace");
    const auto trace = scratch.write("card.trace", traceOf(newCard()));
    CHECK(yktctl({"card", "read", "--replay", trace.string(), "--trace", again.string()}).status == 0);
    CHECK(yktctl({"card", "read", "--replay", again.string()}).status == 0);

    const auto empty = scratch.write("empty.trace", "ykt-trace 1\natr 3B00\n");
    const auto wrong = yktctl({"card", "read", "--replay", empty.string()});
    CHECK(wrong.status != 0);
    const auto broken = scratch.write("broken.trace", "ykt-trace 1\natr 3B00\nnonsense\n");
    const auto said = yktctl({"card", "read", "--replay", broken.string()});
    CHECK(said.status == 2);
    CHECK(said.err.find("trace line 3") != std::string::npos);
    CHECK(yktctl({"card", "read", "--replay", scratch.file("missing").string()}).status == 3);
    CHECK(yktctl({"card", "read", "--replay", trace.string(), "--trace", "/nowhere/t"}).status == 3);
}

TEST_CASE("apdu refuses what is no command before it looks for a reader") {
    for (const auto* hex : {"00", "00A404", "zz", "00A4040005AA"})
        CHECK(yktctl({"apdu", hex}).status == 2);
    CHECK(yktctl({"apdu"}).status == 2);
}
