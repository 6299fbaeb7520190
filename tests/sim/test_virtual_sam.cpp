#include "card_terminal.h"

#include <catch2/catch.hpp>
#include <set>

using namespace ykt;
using test::CardTerminal;

namespace {

constexpr auto selectApplication = "00A4040006D1560000059000";
const std::string sm4Factors = "3634303130307378"
                               "594b640151000001"
                               "01020304050607080000000000000000";
const std::string desFactors = "3634303130307378"
                               "594b640151000001"
                               "0102030405060708";

CardTerminal sam() {
    return CardTerminal(sim::CardIssuer::create()->makeSam().value());
}

} // namespace

TEST_CASE("A PSAM answers to reset over T=1 and shows its public files") {
    auto terminal = sam();
    CHECK(terminal.atr().starts_with("3bed000001"));
    CHECK(terminal.send(selectApplication) == "6f088406d156000005909000");
    CHECK(terminal.send("00B0960006") == "6499990000019000");
    CHECK(terminal.send("00B0950000").size() == 2 * 15 + 4);
    CHECK(terminal.send("00B0970006") == "6a82");
    CHECK(terminal.send("00B0960606") == "6b00");
    CHECK(terminal.send("00B0960007") == "6c06");
}

TEST_CASE("A session key is delivered inside, and enciphers once") {
    auto terminal = sam();
    terminal.send(selectApplication);
    CHECK(terminal.send("80FA000010" + std::string(32, '1') + "00") == "6985"); // none delivered
    CHECK(terminal.send("BFDE670820" + sm4Factors) == "9000");                  // and nothing more
    CHECK(terminal.send("80FA000010" + std::string(32, '1') + "00").size() == 2 * 16 + 4);
    CHECK(terminal.send("80FA000010" + std::string(32, '1') + "00") == "6985");
    CHECK(terminal.send("BFDE670818" + desFactors) == "9000");
    CHECK(terminal.send("80FA000008" + std::string(16, '1') + "00").size() == 2 * 8 + 4);
}

TEST_CASE("The same factors give the same answer, other factors another one") {
    auto terminal = sam();
    terminal.send(selectApplication);
    const auto enciphered = [&](const std::string& key, const std::string& factors) {
        REQUIRE(terminal.send(key + factors) == "9000");
        return terminal.send("80FA000010" + std::string(32, '1') + "00");
    };
    const auto answer = enciphered("BFDE670820", sm4Factors);
    CHECK(enciphered("BFDE670820", sm4Factors) == answer);
    std::set<std::string> others{answer, enciphered("BFDE670A20", sm4Factors)}; // RKSSSE instead of IRK
    for (const std::size_t digit : {0, 17, 33}) {                               // city, card, process factor
        auto factors = sm4Factors;
        factors[digit] = factors[digit] == '3' ? '2' : '3';
        others.insert(enciphered("BFDE670820", factors));
    }
    CHECK(others.size() == 5);
}

TEST_CASE("What a PSAM cannot do it refuses") {
    auto terminal = sam();
    CHECK(terminal.send("BFDE670820" + sm4Factors) == "6985"); // its application is not selected
    terminal.send(selectApplication);
    CHECK(terminal.send("BFDE670920" + sm4Factors) == "9403");
    CHECK(terminal.send("BFDE670810" + sm4Factors.substr(0, 32)) == "6700");
    CHECK(terminal.send("BFDE6708") == "6700");
    CHECK(terminal.send("BFDE670820" + sm4Factors) == "9000");
    CHECK(terminal.send("80FA010010" + std::string(32, '1') + "00") == "6a86");
    CHECK(terminal.send("80FA00000F" + std::string(30, '1') + "00") == "6700");
    CHECK(terminal.send("BFDE670820" + sm4Factors) == "9000");
    terminal.send(selectApplication); // forgets the session key
    CHECK(terminal.send("80FA000010" + std::string(32, '1') + "00") == "6985");
}
