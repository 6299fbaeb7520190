#include "apdu/channel.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>

using namespace ykt;
using apdu::Channel;
using apdu::Command;
using test::ScriptedConnection;

TEST_CASE("61xx is followed by GET RESPONSE until all is there") {
    ScriptedConnection card({"6103", "AABB6101", "CC9000"});
    Channel channel(card);
    CHECK(channel.require(Command::select(Bytes(5, 1))).value() == Bytes{0xAA, 0xBB, 0xCC});
    CHECK(card.sent == std::vector<std::string>{"00a4040005010101010100", "00c0000003", "00c0000001"});
    CHECK(channel.exchanges() == 3);
}

TEST_CASE("6Cxx is followed by the same command with that length") {
    ScriptedConnection card({"6C02", "AABB9000"});
    Channel channel(card);
    CHECK(channel.require(Command::readRecord(5, 1, 0x12)).value() == Bytes{0xAA, 0xBB});
    CHECK(card.sent == std::vector<std::string>{"00b2012c12", "00b2012c02"});
}

TEST_CASE("6Cxx after GET RESPONSE corrects the GET RESPONSE") {
    ScriptedConnection card({"6110", "6C02", "AABB9000"});
    Channel channel(card);
    CHECK(channel.require(Command::select(Bytes(5, 1))).value() == Bytes{0xAA, 0xBB});
    CHECK(card.sent.back() == "00c0000002");
}

TEST_CASE("A card that never ends its answers is given up within bounds") {
    const std::string always = GENERATE("6100", "6C00", "6C05");
    ScriptedConnection card([&](ByteView) { return fromHex(always); });
    Channel channel(card);
    CHECK(channel.transmit(Command::select(Bytes(5, 1))).error() == Reason::answer_too_long);
    CHECK(channel.exchanges() == Channel::maxFollowUps + 1);
}

TEST_CASE("An endless answer with data is bounded in bytes") {
    ScriptedConnection card([](ByteView) -> Result<Bytes> {
        return concat({Bytes(256, 0xEE), Bytes{0x61, 0x00}});
    });
    Channel channel(card);
    CHECK(channel.transmit(Command::readRecord(5, 1, 256)).error() == Reason::answer_too_long);
    CHECK(channel.exchanges() <= Channel::maxFollowUps + 1);

    ScriptedConnection large([](ByteView command) -> Result<Bytes> {
        return concat({Bytes(command.size() > 5 ? 65536 : 256, 0xEE), Bytes{0x61, 0x00}});
    });
    Channel wide(large);
    CHECK(wide.transmit(Command::readRecord(5, 1, 65536)).error() == Reason::answer_too_long);
    CHECK(wide.exchanges() == 2);
}

TEST_CASE("An answer longer than was asked for is malformed") {
    ScriptedConnection card({"AABBCC9000", "AA9000"});
    Channel channel(card);
    CHECK(channel.transmit(Command::readRecord(5, 1, 2)).error() == Reason::apdu_malformed);
    CHECK(channel.transmit(Command::verifyPin(Bytes(3))).error() == Reason::apdu_malformed);
}

TEST_CASE("An answer under two bytes is malformed, and what the driver says is handed on") {
    ScriptedConnection card({"90"});
    Channel channel(card);
    CHECK(channel.transmit(Command::getChallenge(8)).error() == Reason::apdu_malformed);
    CHECK(channel.transmit(Command::getChallenge(8)).error() == Reason::card_mute);
}

TEST_CASE("Status words name their reason, others the caller's") {
    struct Row {
        const char* status;
        Reason reason;
    };
    for (const auto& row : {Row{"6982", Reason::access_denied}, Row{"6983", Reason::authentication_blocked},
                            Row{"6a82", Reason::file_missing}, Row{"6a83", Reason::record_missing},
                            Row{"6283", Reason::application_locked}, Row{"9303", Reason::application_locked},
                            Row{"6f00", Reason::card_not_genuine}}) {
        ScriptedConnection card({row.status});
        Channel channel(card);
        const auto result = channel.require(Command::getChallenge(8), Reason::card_not_genuine);
        INFO(row.status);
        REQUIRE_FALSE(result);
        CHECK(result.error() == row.reason);
        CHECK(result.error().context == std::string("status ") + row.status + " to 84");
    }
}
