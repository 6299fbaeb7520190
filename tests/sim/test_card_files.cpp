#include "card_terminal.h"

#include <catch2/catch.hpp>

using namespace ykt;
using test::CardTerminal;
using test::selectSocialSecurity;
using test::simulatedPerson;

namespace {

std::shared_ptr<sim::CardSoftware> made(const sim::CardSpec& spec) {
    return sim::CardIssuer::create()->personalise(spec).value();
}

constexpr auto fci = "6f1c840f7378312e73682ec9e7bbe1b1a3d5cfa50988011e9f0c038601039000";

} // namespace

TEST_CASE("The ATR is that of a social security card, with a serial number of its own") {
    auto issuer = sim::CardIssuer::create().value();
    auto spec = simulatedPerson(sim::CardInterface::contact);
    spec.cityCode = "640300";
    const auto first = toHex(issuer.personalise(spec).value()->atr());
    const auto second = toHex(issuer.personalise(spec).value()->atr());
    CHECK(first.starts_with("3b6d0000"));
    CHECK(first.size() == 2 * (4 + 13));
    CHECK(first.substr(8 + 14, 4) == "6403"); // T8-T9
    CHECK(first != second);
    spec.interface = sim::CardInterface::contactless;
    CHECK(toHex(issuer.personalise(spec).value()->atr()).starts_with("3b8d8001"));
}

TEST_CASE("The application is selected by its name, whole or in part, and by its FID") {
    CardTerminal terminal(made(simulatedPerson()));
    CHECK(terminal.send(selectSocialSecurity) == fci);
    CHECK(terminal.send("00A40400077378312E73682E00") == fci);
    CHECK(terminal.send("00A40000023F0000") == "6f0483023f009000");
    CHECK(terminal.send("00A4000002DDF100") == fci);
    CHECK(terminal.send("00A4040C077378312E73682E") == "9000");
    CHECK(terminal.send("00A40400077378322E73682E00") == "6a82");
}

TEST_CASE("The directories of the application are found, one after the other") {
    CardTerminal terminal(made(simulatedPerson()));
    CHECK(terminal.send("00A4040005D15600000500") == "6f088406d156000005009000");
    CHECK(terminal.send("00A4040205D15600000500") == "6f088406d156000005019000");
    CHECK(terminal.send("00A4040006D1560000050400") == "6f088406d156000005049000");
    CHECK(terminal.send("00A4040205D15600000500") == "6a82"); // that was the last
    CHECK(terminal.send("00A4000002DDF100") == fci);          // the parent
    CHECK(terminal.send("00A4010002DF0300") == "6f088406d156000005029000");
    CHECK(terminal.send("00A4000002DF0400") == "6f088406d156000005039000"); // a sibling
    CHECK(terminal.send("00A4010002DF0300") == "6a82");
}

TEST_CASE("Records are read by number, by tag, and all together") {
    CardTerminal terminal(made(simulatedPerson()));
    terminal.send(selectSocialSecurity);
    const auto cardNumber = "0709" + toHex(toBytes("D2143569X")) + "9000";
    CHECK(terminal.send("00B2072C0B") == cardNumber); // SFI and number
    CHECK(terminal.send("00B207280B") == cardNumber); // SFI and tag
    CHECK(terminal.send("00A4020002EF0500").starts_with("6f"));
    CHECK(terminal.send("00B207000B") == cardNumber); // current file and tag
    CHECK(terminal.send("00B2070400") == cardNumber); // current file and number, all there is
    CHECK(terminal.send("00B2030006") == "0304332e30309000");
    const auto all = terminal.send("00B2010540");
    CHECK(all.size() == 2 * 0x40 + 4);
    CHECK(all.starts_with("0110640100d156000005"));
    CHECK(all.ends_with(cardNumber));
    CHECK(terminal.send("00B2070511") == "6c0b");
}

TEST_CASE("What is not there is said to be not there") {
    CardTerminal terminal(made(simulatedPerson()));
    CHECK(terminal.send("00B2070011") == "6986"); // no current file
    CHECK(terminal.send("00B2072C0B") == "6a82"); // no EF05 in the MF
    terminal.send(selectSocialSecurity);
    CHECK(terminal.send("00B2082C0B") == "6a83");
    CHECK(terminal.send("00B2002C0B") == "6a83");
    CHECK(terminal.send("00B208280B") == "6a83"); // tag 08 is in the other file
    CHECK(terminal.send("00B2072B0B") == "6a86"); // a form that nobody defines
    CHECK(terminal.send("00B2074C0B") == "6a82"); // no file 09
    CHECK(terminal.send("00B2073C0B") == "6981"); // EF07 has no records
    CHECK(terminal.send("00B0850001") == "6981"); // EF05 is not transparent
    CHECK(terminal.send("00B0C50001") == "6a86");
    CHECK(terminal.send("00A4020002EF0900") == "6a82");
    CHECK(terminal.send("00A4090002EF0500") == "6a86");
    CHECK(terminal.send("00A4020102EF0500") == "6a86");
    CHECK(terminal.send("00A4020001EF00") == "6700");
}

TEST_CASE("Classes, instructions and lengths that a card does not have are refused") {
    CardTerminal terminal(made(simulatedPerson()));
    terminal.send(selectSocialSecurity);
    CHECK(terminal.send("A0A40000023F0000") == "6e00");
    CHECK(terminal.send("BFDE670820" + std::string(64, '0')) == "6e00"); // that is a PSAM's
    CHECK(terminal.send("00DC012C0101") == "6d00");
    CHECK(terminal.send("00C0000008") == "6d00"); // ISO 14443-4 has no GET RESPONSE
    CHECK(terminal.send("00B2072C") == "6700");
    CHECK(terminal.send("00B2") == "6700");
    CHECK(terminal.send("") == "6700");
    CHECK(terminal.send("00A404000F7378") == "6700");
    CHECK(terminal.send("0084000007") == "6700");
    CHECK(terminal.send("0084010008") == "6a86");
}

TEST_CASE("A contact card announces answers by 61xx and gives exact lengths only") {
    CardTerminal terminal(made(simulatedPerson(sim::CardInterface::contact)));
    CHECK(terminal.send("00C0000010") == "6985"); // nothing to fetch
    CHECK(terminal.send(selectSocialSecurity) == "611e");
    CHECK(terminal.send("00C0000000") == "6c1e");
    CHECK(terminal.send("00C0000004") == "6f1c840f611a"); // a part, and how much is left
    CHECK(terminal.send("00C000001A") == std::string(fci).substr(8));
    CHECK(terminal.send(selectSocialSecurity) == "611e");
    CHECK(terminal.send("0084000008").size() == 2 * 8 + 4);
    CHECK(terminal.send("00C000001E") == "6985"); // another command came between
    CHECK(terminal.send("00B2072C00") == "6c0b");
    CHECK(terminal.send("00B2072C0B").ends_with("9000"));
}

TEST_CASE("The order of EF06 differs by version, its tags do not") {
    auto spec = simulatedPerson();
    spec.version = apdu::social_security::Version::v1_0;
    CardTerminal first(made(spec));
    first.send(selectSocialSecurity);
    CHECK(first.send("00B2033400") == "0a01399000");
    CHECK(first.send("00B24E3000") == "6a83");
    CHECK(first.send("00B20D3000") == "0d04199005179000");
    spec.version = apdu::social_security::Version::v2_0;
    CardTerminal second(made(spec));
    second.send(selectSocialSecurity);
    CHECK(second.send("00B2033400") == "4e14" + std::string(40, '0') + "9000");
    CHECK(second.send("00B20A3000") == "0a01399000");
    CHECK(second.send("00A4020002EF0600").starts_with("6f"));
    CHECK(second.send("00B201055B").size() == 2 * 0x5B + 4);
}

TEST_CASE("A card cannot be made from what it cannot hold") {
    auto issuer = sim::CardIssuer::create().value();
    const auto refused = [&](auto change) {
        auto spec = simulatedPerson();
        change(spec);
        const auto card = issuer.personalise(spec);
        return !card && card.error() == Reason::input_malformed;
    };
    CHECK(refused([](auto& spec) { spec.cityCode = "6401"; }));
    CHECK(refused([](auto& spec) { spec.cityCode = "64010A"; }));
    CHECK(refused([](auto& spec) { spec.cardNumber8 = "A100001"; }));
    CHECK(refused([](auto& spec) { spec.cardNumber8 = "a1000001"; }));
    CHECK(refused([](auto& spec) { spec.name = ""; }));
    CHECK(refused([](auto& spec) { spec.name = "\xFF"; }));
    CHECK(refused([](auto& spec) { spec.name = std::string(51, 'A'); }));
    CHECK(refused([](auto& spec) {
        spec.version = apdu::social_security::Version::v1_0;
        spec.name = std::string(31, 'A');
    }));
    CHECK(refused([](auto& spec) { spec.socialSecurityNumber += "1"; }));
    CHECK(refused([](auto& spec) { spec.pin = "123"; }));
    CHECK(refused([](auto& spec) { spec.pin = "12345x"; }));
}

TEST_CASE("Simulated numbers have a valid check character and an area of nobody") {
    using namespace std::chrono;
    const auto number = sim::simulatedNumber(year{1990} / May / 17, 12);
    CHECK(number.starts_with("64999919900517012"));
    // ISO 7064 MOD 11-2: the number itself is 1 modulo 11, X counting ten
    int remainder = 0;
    for (const char c : number)
        remainder = (remainder * 2 + (c == 'X' ? 10 : c - '0')) % 11;
    CHECK(remainder == 1);
    CHECK(sim::simulatedNumber(year{1990} / May / 17, 13) != number);
}
