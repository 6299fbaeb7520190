#include "card_terminal.h"
#include "sim/cards/legacy_card.h"

#include <catch2/catch.hpp>

using namespace ykt;
using sim::SocialSecurityPlace;
using test::CardTerminal;
using test::selectSocialSecurity;
using test::simulatedPerson;

namespace {

constexpr auto selectBank = "00A4040008A00000033301010100";

std::shared_ptr<sim::CardSoftware> made(const sim::CardSpec& spec) {
    return sim::CardIssuer::create()->personalise(spec).value();
}

} // namespace

TEST_CASE("The social security application is found by its name wherever it is") {
    auto spec = simulatedPerson();
    spec.place =
        GENERATE(SocialSecurityPlace::below_mf, SocialSecurityPlace::at_mf, SocialSecurityPlace::below_pse);
    CardTerminal card(made(spec));
    CHECK(card.send(selectSocialSecurity) ==
          "6f1c840f7378312e73682ec9e7bbe1b1a3d5cfa50988011e9f0c038601039000");
    CHECK(card.send("00B2030006") == "6986"); // no file is selected yet
    CHECK(card.send("00B2072C0B").starts_with("0709"));
    CHECK(card.send("00A4040006D1560000050400").ends_with("9000")); // its own directories come with it
}

TEST_CASE("What is selected after a reset is the MF, whatever that is") {
    auto spec = simulatedPerson();
    spec.place = SocialSecurityPlace::at_mf;
    CHECK(CardTerminal(made(spec)).send("00B2072C0B").starts_with("0709"));
    spec.place = SocialSecurityPlace::below_mf;
    CHECK(CardTerminal(made(spec)).send("00B2072C0B") == "6a82");
    spec.place = SocialSecurityPlace::below_pse;
    CardTerminal card(made(spec));
    CHECK(card.send("00A404000E315041592E5359532E444446303100") ==
          "6f10840e315041592e5359532e44444630319000");
    CHECK(card.send("00A4000002DDF100").starts_with("6f1c840f7378312e"));
}

TEST_CASE("A card of a city whose code was abolished is a card") {
    auto spec = simulatedPerson();
    spec.cityCode = GENERATE("640111", "640382", "642101", "642226");
    CardTerminal card(made(spec));
    card.send(selectSocialSecurity);
    CHECK(card.send("00B2012C12").starts_with("0110" + spec.cityCode + "d156000005"));
}

TEST_CASE("A PIN is changed by whoever knows it") {
    CardTerminal card(made(simulatedPerson()));
    card.send(selectSocialSecurity);
    CHECK(card.send("805E010007 123456 FF 654321") == "9000");
    CHECK(card.send("0020000003123456") == "63c2");
    CHECK(card.send("0020000003654321") == "9000");
    card.reset();
    card.send(selectSocialSecurity);
    CHECK(card.send("0020000003654321") == "9000");            // it is kept without power
    CHECK(card.send("805E010007 654321 FF 12345F") == "9000"); // five digits
    CHECK(card.send("002000000312345F") == "9000");
}

TEST_CASE("A PIN is not changed by whoever does not know it, and blocks") {
    CardTerminal card(made(simulatedPerson()));
    CHECK(card.send("805E010007 123456 FF 654321") == "6a88"); // no PIN in the MF
    card.send(selectSocialSecurity);
    CHECK(card.send("805E010007 123457 FF 654321") == "63c2");
    CHECK(card.send("805E010006 123456 654321") == "6700");
    CHECK(card.send("805E010005 123456 FF 65") == "6700");
    CHECK(card.send("805E010006 123456 FF 654F") == "6700"); // three digits
    CHECK(card.send("805E010007 123456 FF 6543AB") == "6700");
    CHECK(card.send("805E01000B 123456 FF 12345678901234") == "6700");
    CHECK(card.send("805E000007 123456 FF 654321") == "6a86");
    CHECK(card.send("805E010005 12 FF 654321") == "6700");
    CHECK(card.send("00200000") == "63c2"); // what is malformed costs no try
    CHECK(card.send("805E010007 123457 FF 654321") == "63c1");
    CHECK(card.send("805E010007 123457 FF 654321") == "63c0");
    CHECK(card.send("805E010007 123456 FF 654321") == "6983");
    CHECK(card.send("0020000003123456") == "6983");
}

TEST_CASE("A bank application shows number, expiry and electronic cash without GPO") {
    auto spec = simulatedPerson();
    spec.financial = sim::FinancialSpec{};
    spec.financial->electronicCashFen = 12345;
    CardTerminal card(made(spec));
    CHECK(card.send(selectBank).starts_with("6f178408a000000333010101a50b5009"));
    CHECK(card.send("00B2011C00") == "70145a0800000012345678975f24033402285f3401009000");
    CHECK(card.send("80CA9F7900") == "9f79060000000123459000");
    CHECK(card.send("80CA9F7A00") == "6a88");
    CHECK(card.send(selectSocialSecurity).ends_with("9000"));
    CHECK(card.send("80CA9F7900") == "6a88"); // that is the bank's
}

TEST_CASE("Track 2 holds the number up to its separator, odd counts too") {
    auto spec = simulatedPerson();
    spec.financial = sim::FinancialSpec{};
    spec.financial->electronicCashFen = std::nullopt;
    const auto track = [&](const std::string& number) {
        spec.financial->accountNumber = number;
        CardTerminal card(made(spec));
        card.send(selectBank);
        CHECK(card.send("80CA9F7900") == "6a88");
        return card.send("00B2011400");
    };
    CHECK(track("0000001234567897") == "700e570c0000001234567897d34022209000");
    CHECK(track("0000001234567890128") == "7010570e0000001234567890128d3402220f9000");
}

TEST_CASE("A bank application cannot be made from what it cannot hold") {
    auto issuer = sim::CardIssuer::create().value();
    const auto refused = [&](auto change) {
        auto spec = simulatedPerson();
        spec.financial = sim::FinancialSpec{};
        change(*spec.financial);
        const auto card = issuer.personalise(spec);
        return !card && card.error() == Reason::input_malformed;
    };
    CHECK(refused([](auto& bank) { bank.accountNumber = "00000012345"; }));
    CHECK(refused([](auto& bank) { bank.accountNumber = std::string(20, '0'); }));
    CHECK(refused([](auto& bank) { bank.accountNumber = "00000012345678X7"; }));
    CHECK(refused([](auto& bank) { bank.electronicCashFen = 1'000'000'000'000; }));
}

TEST_CASE("A legacy card has a number and nothing else") {
    CardTerminal card(std::make_shared<sim::LegacyCard>(Bytes{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66}));
    CHECK(card.atr() == "3b80800101");
    CHECK(card.send("FFCA000000") == "041122334455669000");
    CHECK(card.send("FFCA000007") == "041122334455669000");
    CHECK(card.send("FFCA000004") == "6c07");
    CHECK(card.send("FFCA010000") == "6d00");
    CHECK(card.send(selectSocialSecurity) == "6a82");
    CHECK(card.send("00A40000023F0000") == "6a82");
    CHECK(card.send("00B2012C00") == "6d00");
    CHECK(card.send("00") == "6700");
}
