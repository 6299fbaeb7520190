#include "apdu/social_security/factors.h"
#include "apdu/social_security/fields.h"
#include "apdu/social_security/text.h"
#include "base/hex.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu::social_security;
using namespace std::chrono;

namespace {

Bytes hex(std::string_view text) {
    return fromHex(text).value();
}

} // namespace

TEST_CASE("The check character of card numbers is that of the specification's example") {
    CHECK(cardNumberCheckCharacter("D2143569").value() == 'X');
    CHECK(cardNumberFrom(toBytes("D2143569X")).value() == "D2143569X");
    CHECK(cardNumberFrom(toBytes("000000000")).value() == "000000000"); // 11 is written 0
    for (const auto* wrong :
         {"D21435690", "D2143568X", "d2143569X", "D214356X", "D2143569XX", "D21 3569X", ""})
        CHECK(cardNumberFrom(toBytes(wrong)).error() == Reason::card_data_malformed);
}

TEST_CASE("Every single wrong character of a card number is found, as the modulus promises") {
    const std::string number = "D2143569X";
    for (std::size_t i = 0; i < 8; ++i)
        for (const char c : std::string_view("0123456789")) {
            auto other = number;
            other[i] = c;
            if (other != number && std::isdigit(static_cast<unsigned char>(number[i])) != 0)
                CHECK_FALSE(cardNumberFrom(toBytes(other)));
        }
}

TEST_CASE("Dates are days of the calendar, or none") {
    CHECK(dateFrom(hex("20240301")).value() == 2024y / March / 1);
    CHECK(dateFrom(hex("20240229")).value() == 2024y / February / 29);
    CHECK(dateFrom(hex("FFFFFFFF")).value() == std::nullopt);
    CHECK(dateFrom(hex("00000000")).value() == std::nullopt);
    CHECK(dateFrom({}).value() == std::nullopt);
    for (const auto* wrong : {"20230229", "20241301", "20240001", "20240100", "20240431", "2024030A",
                              "202403", "2024030100", "FFFFFF00"}) {
        INFO(wrong);
        CHECK(dateFrom(hex(wrong)).error() == Reason::card_data_malformed);
    }
}

TEST_CASE("The version is that of the first three characters, and 1.0 when empty") {
    CHECK(versionFrom(toBytes("3.00")).value() == Version::v3_0);
    CHECK(versionFrom(toBytes("3.0")).value() == Version::v3_0);
    CHECK(versionFrom(toBytes("2.0X")).value() == Version::v2_0);
    CHECK(versionFrom(toBytes("1.00")).value() == Version::v1_0);
    CHECK(versionFrom(Bytes(4)).value() == Version::v1_0);
    CHECK(versionFrom({}).value() == Version::v1_0);
    CHECK(versionFrom(toBytes("4.00")).error() == Reason::card_data_malformed);
}

TEST_CASE("Social security numbers may be of other forms, but of letters and digits only") {
    CHECK(socialSecurityNumberFrom(toBytes("64999919900517012X"))->reveal() == "64999919900517012X");
    CHECK(socialSecurityNumberFrom(hex("4841424330303100"))->reveal() == "HABC001");
    for (const auto& wrong : {Bytes(18), hex("64 39 0A"), hex("31 00 31"), hex("B3FE")})
        CHECK(socialSecurityNumberFrom(wrong).error() == Reason::card_data_malformed);
}

TEST_CASE("Names are GB 18030, with characters of one, two and four bytes") {
    CHECK(textFromCard(hex("D5C5C8FD")).value() == "张三");
    CHECK(textFromCard(hex("9534B235")).value() == "𠮷");
    CHECK(textFromCard(hex("8139EF31")).value() == "㐂");
    for (const auto* name : {"张三", "买买提·阿不都", "𠮷野", "㐂", "O'Neil"})
        CHECK(textFromCard(textForCard(name).value()).value() == name);
    CHECK(textForCard("𠮷").value().size() == 4);
}

TEST_CASE("Text that is not GB 18030 or holds control characters is malformed") {
    for (const auto* wrong : {"D5", "D5C5C8", "FFFF", "8130", "410A42", "1B5B324A", "7F", "81308130"}) {
        INFO(wrong);
        CHECK(textFromCard(hex(wrong)).error() == Reason::card_data_malformed);
    }
    CHECK(textForCard("\xFF\xFE").error() == Reason::input_malformed);
}

TEST_CASE("A name goes on in tag 4E when tag 09 has no room for another character") {
    CHECK_FALSE(nameMayContinue(concat({hex("D5C5C8FD"), Bytes(26)})));
    CHECK_FALSE(nameMayContinue(concat({Bytes(26, 'A'), Bytes(4)})));
    CHECK(nameMayContinue(concat({Bytes(28, 'A'), Bytes(2)}))); // a four-byte character would not fit
    CHECK(nameMayContinue(Bytes(30, 'A')));
    CHECK(nameFrom(hex("D5C5C800"), hex("FD00"))->reveal() == "张三"); // cut within a character
    CHECK(nameFrom(Bytes(30), {}).error() == Reason::card_data_malformed);
}

TEST_CASE("Historical bytes are found behind the interface bytes, and must be thirteen") {
    const auto historical = hex("008153494D594B640151000001");
    const auto factor = hex("594B640151000001");
    for (const auto* atr :
         {"3B6D0000 008153494D594B640151000001", "3B8D8001 008153494D594B640151000001 55",
          "3BED000081 31FE45 008153494D594B640151000001 00", "3F0D 008153494D594B640151000001"}) {
        INFO(atr);
        CHECK(ByteView(historicalBytes(hex(atr)).value()).size() == historicalSize);
        CHECK(toHex(historicalBytes(hex(atr)).value()) == toHex(historical));
        CHECK(toHex(cardFactor(historicalBytes(hex(atr)).value())) == toHex(factor));
    }
    for (const auto* wrong : {"", "3B", "3B6D", "3B6D0000 008153494D594B6401510000",
                              "3B6C0000 008153494D594B6401510000", "3BFF", "3B8D80", "3B8D80808080"}) {
        INFO(wrong);
        CHECK(historicalBytes(hex(wrong)).error() == Reason::card_data_malformed);
    }
}

TEST_CASE("Records are sliced only where their lengths hold") {
    const auto number = concat({hex("0709"), toBytes("D2143569X")});
    CHECK(recordValue(number, Tag::card_number).value() == toBytes("D2143569X"));
    CHECK(recordValue(concat({number, Bytes(3)}), Tag::card_number).value() == toBytes("D2143569X"));
    CHECK(recordValue(hex("0701 41"), Tag::card_number).value() == Bytes{0x41});
    for (const auto* wrong : {"", "07", "0709", "070941", "0809", "070A4141414141414141414141", "07FF41"})
        CHECK(recordValue(hex(wrong), Tag::card_number).error() == Reason::card_data_malformed);
}

TEST_CASE("A file of records is split by tags, whatever their order and whatever else is there") {
    const auto file =
        concat({hex("0709"), toBytes("D2143569X"), hex("0201 33"), hex("3002 0102"), hex("0201 34")});
    const auto records = splitRecords(file, false).value();
    CHECK(records.size() == 2);
    CHECK(records.at(Tag::card_class) == Bytes{'3'});
    const auto cut = concat({file, hex("0304 33")});
    CHECK(splitRecords(cut, false).error() == Reason::card_data_malformed);
    CHECK(splitRecords(cut, true).value() == records);
    CHECK(splitRecords(hex("02"), false).error() == Reason::card_data_malformed);
    CHECK(splitRecords(hex("0202 3333"), true).error() == Reason::card_data_malformed);
}

TEST_CASE("Rare characters of names survive: GBK's private area and the four-byte characters") {
    CHECK(textFromCard(hex("8139EE39")).value() == "\u3400"); // 㐀, four bytes
    CHECK(textFromCard(hex("95328236")).value() == "𠀀");     // beyond the basic plane
    CHECK(textFromCard(hex("AAA1")).value() == "\uE000");     // user-defined area 1
    CHECK(textFromCard(hex("F8A1")).value() == "\uE234");     // user-defined area 2
    CHECK(textFromCard(hex("A140")).value() == "\uE4C6");     // user-defined area 3
    for (const auto* text : {"㐀", "𠀀", "\uE000", "\uE234", "\uE4C6", "䶮", "·"})
        CHECK(textFromCard(textForCard(text).value()).value() == text);
    for (const auto* wrong : {"81", "8139EE", "8130", "FF", "81FF", "A17F"}) {
        INFO(wrong);
        CHECK(textFromCard(hex(wrong)).error() == Reason::card_data_malformed);
    }
}
