#include "apdu/command.h"
#include "base/hex.h"

#include <catch2/catch.hpp>
#include <random>

using namespace ykt;
using apdu::Command;
using apdu::Response;

namespace {

Bytes hex(std::string_view text) {
    return fromHex(text).value();
}

Command bare(Bytes data, std::optional<std::size_t> expected) {
    return {0x00, 0xB2, 0x01, 0x04, std::move(data), expected};
}

} // namespace

TEST_CASE("Commands of all cases are encoded as ISO 7816-4 writes them") {
    CHECK(bare({}, {}).encode() == hex("00B20104"));
    CHECK(bare({}, 1).encode() == hex("00B2010401"));
    CHECK(bare({}, 256).encode() == hex("00B2010400"));
    CHECK(bare({}, 257).encode() == hex("00B20104000101"));
    CHECK(bare({}, 65536).encode() == hex("00B20104000000"));
    CHECK(bare({0xAA, 0xBB}, {}).encode() == hex("00B2010402AABB"));
    CHECK(bare({0xAA, 0xBB}, 256).encode() == hex("00B2010402AABB00"));
    CHECK(bare({0xAA, 0xBB}, 300).encode() == hex("00B20104000002AABB012C"));
    CHECK(bare(Bytes(256, 0x11), {}).encode() == concat({hex("00B20104000100"), Bytes(256, 0x11)}));
    CHECK(bare(Bytes(256, 0x11), 65536).encode() ==
          concat({hex("00B20104000100"), Bytes(256, 0x11), hex("0000")}));
}

TEST_CASE("What is encoded is decoded to the same command") {
    for (const std::size_t size : {0, 1, 2, 254, 255, 256, 257, 65535})
        for (const std::size_t expected : {0, 1, 8, 255, 256, 257, 65535, 65536}) {
            const auto command =
                bare(Bytes(size, 0x5A), expected == 0 ? std::nullopt : std::optional(expected));
            INFO("data " << size << ", expected " << expected);
            CHECK(Command::decode(command.encode()).value() == command);
        }
}

TEST_CASE("Malformed commands are refused") {
    for (const auto* text :
         {"", "00", "00B201", "00B2010402AA", "00B2010402AABBCCDD", "00B201040000", "00B201040000000000",
          "00B20104000002AA", "00B20104000002AABB01", "00B20104000002AABB010203"}) {
        INFO(text);
        const auto decoded = Command::decode(hex(text));
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error() == Reason::apdu_malformed);
    }
}

TEST_CASE("Any bytes that decode encode to a command of the same meaning") {
    std::mt19937 random(816);
    int decodedCount = 0;
    for (int i = 0; i < 50000; ++i) {
        Bytes bytes(random() % 16);
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() % 4 : random());
        const auto decoded = Command::decode(bytes);
        if (!decoded)
            continue;
        ++decodedCount;
        REQUIRE(Command::decode(decoded->encode()).value() == *decoded);
    }
    CHECK(decodedCount > 1000);
}

TEST_CASE("Commands seen in the field are made byte for byte") {
    const auto aid = hex("7378312E73682EC9E7BBE1B1A3D5CF");
    CHECK(Command::select(aid).encode() == hex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF00"));
    CHECK(Command::selectFile(0xEF05).encode() == hex("00A4020002EF0500"));
    CHECK(Command::readRecordByTag(0x05, 0x07, 0x0B).encode() == hex("00B207280B"));
    CHECK(Command::readRecordByTag(0x06, 0x4E, 0x16).encode() == hex("00B24E3016"));
    CHECK(Command::readRecord(0x05, 0x07, 0x0B).encode() == hex("00B2072C0B"));
    CHECK(Command::readRecord(0x06, 0x01, 0x14).encode() == hex("00B2013414"));
    CHECK(Command::readRecords(0x05, 0x01, 0x40).encode() == hex("00B2012D40"));
    CHECK(Command::readBinary(0x16, 0, 6).encode() == hex("00B0960006"));
    CHECK(Command::getChallenge(8).encode() == hex("0084000008"));
    CHECK(Command::internalAuthenticate(Bytes(8, 1), Bytes(8, 2)).encode() ==
          hex("0088000010 0101010101010101 0202020202020202 08"));
    CHECK(Command::externalAuthenticate(0x0A, Bytes(8, 1), Bytes(8, 2)).encode() ==
          hex("0082000A10 0101010101010101 0202020202020202"));
    CHECK(Command::verifyPin(hex("123456")).encode() == hex("0020000003123456"));
    CHECK(Command::pinTriesLeft().encode() == hex("00200000"));
    CHECK(Command::getResponse(256).encode() == hex("00C0000000"));
    CHECK(Command::deliverSessionKey(0x67, 0x08, Bytes(32, 3)).encode() ==
          concat({hex("BFDE670820"), Bytes(32, 3)}));
    CHECK(Command::cipherData(0, Bytes(16, 4)).encode() ==
          concat({hex("80FA000010"), Bytes(16, 4), hex("10")}));
}

TEST_CASE("A response is data and a status word, within bounds") {
    const auto response = Response::decode(hex("AABB6A82")).value();
    CHECK(response.data == hex("AABB"));
    CHECK(response.status == 0x6A82);
    CHECK_FALSE(response.ok());
    CHECK(Response::decode(hex("9000"))->ok());
    CHECK(Response::decode(Bytes(65538))->data.size() == 65536);
    for (const std::size_t size : {0, 1, 65539})
        CHECK(Response::decode(Bytes(size)).error() == Reason::apdu_malformed);
}
