#include "apdu/tlv.h"
#include "base/hex.h"

#include <catch2/catch.hpp>
#include <random>

using namespace ykt;
using apdu::findTlv;
using apdu::parseTlv;

namespace {

Bytes hex(std::string_view text) {
    return fromHex(text).value();
}

// `depth` constructed objects inside each other.
Bytes nested(int depth) {
    Bytes out;
    for (int i = 0; i < depth; ++i)
        out = concat({Bytes{0x61, static_cast<std::uint8_t>(out.size())}, out});
    return out;
}

} // namespace

TEST_CASE("The FCI of a third-generation card is read") {
    const auto objects =
        parseTlv(hex("6F1C 840F7378312E73682EC9E7BBE1B1A3D5CF A509 88011E 9F0C03860103")).value();
    REQUIRE(objects.size() == 1);
    CHECK(objects[0].tag == 0x6F);
    CHECK(objects[0].children.size() == 2);
    REQUIRE(findTlv(objects, 0x9F0C) != nullptr);
    CHECK(findTlv(objects, 0x9F0C)->value == hex("860103"));
    CHECK(findTlv(objects, 0x9F0C)->children.empty());
    CHECK(findTlv(objects, 0x88)->value == Bytes{0x1E});
    CHECK(findTlv(objects, 0x86) == nullptr);
}

TEST_CASE("Lengths of one to four bytes are read, longer than needed or not") {
    for (const auto* text : {"8001AA", "808101AA", "80820001AA", "8083000001AA", "808400000001AA"}) {
        INFO(text);
        const auto objects = parseTlv(hex(text)).value();
        REQUIRE(objects.size() == 1);
        CHECK(objects[0].value == Bytes{0xAA});
    }
    const auto large = concat({hex("80820100"), Bytes(256, 0x77)});
    CHECK(parseTlv(large)->at(0).value.size() == 256);
}

TEST_CASE("Tags of one to three bytes are read") {
    CHECK(parseTlv(hex("5F2403010203"))->at(0).tag == 0x5F24);
    CHECK(parseTlv(hex("DF810501AA"))->at(0).tag == 0xDF8105);
    CHECK(parseTlv(hex("5A00"))->at(0).value.empty());
}

TEST_CASE("Zero bytes between objects are padding") {
    const auto objects = parseTlv(hex("00 8001AA 0000 8101BB 00")).value();
    REQUIRE(objects.size() == 2);
    CHECK(objects[1].tag == 0x81);
    CHECK(parseTlv({})->empty());
    CHECK(parseTlv(Bytes(10))->empty());
}

TEST_CASE("Malformed objects are refused") {
    for (const auto* text : {"80", "8002AA", "5F", "5F24", "5F24 01", "9F8181 01AA", "9F818181 01AA", "9F81",
                             "8080AA0000", "A080 8001AA 0000", "8081", "808200", "8085 0000000001 AA", "80FF",
                             "80847FFFFFFF", "8084FFFFFFFF", "6F03 8002AA", "6F02 8001 AA"}) {
        INFO(text);
        const auto parsed = parseTlv(hex(text));
        REQUIRE_FALSE(parsed);
        CHECK(parsed.error() == Reason::tlv_malformed);
    }
}

TEST_CASE("Depth, number and size of objects are bounded") {
    CHECK(parseTlv(nested(apdu::maxTlvDepth)).has_value());
    CHECK(parseTlv(nested(apdu::maxTlvDepth + 1)).error() == Reason::tlv_malformed);
    Bytes many;
    for (std::size_t i = 0; i < apdu::maxTlvObjects; ++i)
        many = concat({many, hex("8000")});
    CHECK(parseTlv(many)->size() == apdu::maxTlvObjects);
    CHECK(parseTlv(concat({many, hex("8000")})).error() == Reason::tlv_malformed);
    CHECK(parseTlv(Bytes(apdu::maxTlvBytes + 1)).error() == Reason::tlv_malformed);
}

TEST_CASE("Random bytes never read outside and never nest too deep") {
    std::mt19937 random(7816);
    std::size_t parsedCount = 0;
    for (int i = 0; i < 50000; ++i) {
        Bytes bytes(random() % 40);
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(random() % 3 == 0 ? random() % 8 : random());
        parsedCount += parseTlv(bytes).has_value() ? 1 : 0;
    }
    CHECK(parsedCount > 100);
}
