#include "apdu/legacy/uid.h"
#include "direct_connection.h"
#include "scripted_connection.h"
#include "sim/cards/legacy_card.h"

#include <catch2/catch.hpp>

using namespace ykt;
using test::ScriptedConnection;

namespace {

Result<PersonalData<Bytes>> uidOf(std::vector<std::string> answers) {
    ScriptedConnection connection(std::move(answers));
    apdu::Channel channel(connection);
    auto uid = apdu::legacy::readUid(channel);
    CHECK(connection.sent.front() == "ffca000000");
    return uid;
}

} // namespace

TEST_CASE("A UID has four, seven or ten bytes") {
    for (const auto* uid : {"01020304", "04112233445566", "08112233445566", "0102030405060708090a"})
        CHECK(toHex(uidOf({std::string(uid) + "9000"}).value().reveal()) == uid);
    for (const auto* other : {"", "01", "010203", "0102030405", "0102030405060708", "0102030405060708090a0b"})
        CHECK(uidOf({std::string(other) + "9000"}).error() == Reason::card_data_malformed);
}

TEST_CASE("A UID that is drawn anew at each presentation names nobody") {
    CHECK(uidOf({"081122339000"}).error() == Reason::legacy_uid_random);
}

TEST_CASE("A reader or card that gives no UID is a card without one") {
    for (const auto* status : {"6A81", "6A82", "6A86", "6D00", "6E00"})
        CHECK(uidOf({status}).error() == Reason::application_missing);
    CHECK(uidOf({"6982"}).error() == Reason::access_denied);
    CHECK(uidOf({"6300"}).error() == Reason::status_unexpected);
    CHECK(uidOf({}).error() == Reason::card_mute);
}

TEST_CASE("A simulated legacy card tells its UID, and a social security card has none to tell") {
    const Bytes uid{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66};
    test::DirectConnection legacy(std::make_shared<sim::LegacyCard>(uid));
    apdu::Channel channel(legacy);
    CHECK(apdu::legacy::readUid(channel).value().reveal() == uid);
    test::World world;
    test::DirectConnection other(world.card(test::World::person()));
    apdu::Channel otherChannel(other);
    CHECK(apdu::legacy::readUid(otherChannel).error() == Reason::application_missing);
}
