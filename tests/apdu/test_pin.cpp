#include "direct_connection.h"
#include "scripted_connection.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::apdu::social_security;
using test::DirectConnection;
using test::World;

namespace {

Secret pin(std::string_view digits) {
    return Secret(toBytes(digits));
}

struct Terminal {
    explicit Terminal(std::shared_ptr<sim::CardSoftware> software, ProofSource* source)
        : connection(std::move(software)), channel(connection), card(channel, source) {
        REQUIRE(card.read());
    }
    DirectConnection connection;
    apdu::Channel channel;
    SocialSecurityCard card;
};

} // namespace

TEST_CASE("The right PIN is accepted, of any length from four to twelve") {
    World world;
    auto spec = World::person();
    spec.pin = GENERATE("1234", "12345", "654321", "123456789012");
    Terminal terminal(world.card(spec), world.sam.get());
    CHECK(terminal.card.pinTriesLeft().value() == 3);
    CHECK(terminal.card.verifyPin(pin(spec.pin)).has_value());
    CHECK(terminal.card.pinTriesLeft().value() == 3);
}

TEST_CASE("A wrong PIN is sent once, and the last wrong one blocks") {
    World world;
    const auto card = world.card(World::person());
    Terminal terminal(card, world.sam.get());
    const auto before = terminal.channel.exchanges();
    CHECK(terminal.card.verifyPin(pin("000000")).error() == Reason::pin_wrong);
    CHECK(terminal.channel.exchanges() == before + 3); // SELECT, its answer, VERIFY
    CHECK(terminal.card.pinTriesLeft().value() == 2);
    CHECK(terminal.card.verifyPin(pin("000000")).error() == Reason::pin_wrong);
    CHECK(terminal.card.verifyPin(pin("000000")).error() == Reason::pin_blocked);
    CHECK(terminal.card.pinTriesLeft().value() == 0);
    CHECK(terminal.card.verifyPin(pin("123456")).error() == Reason::pin_blocked);
    Terminal again(card, world.sam.get()); // power does not unblock it
    CHECK(again.card.verifyPin(pin("123456")).error() == Reason::pin_blocked);
}

TEST_CASE("The right PIN gives all tries back, and pulling the card gives none") {
    World world;
    const auto card = world.card(World::person());
    for (const int left : {2, 1}) {
        Terminal terminal(card, world.sam.get());
        CHECK(terminal.card.verifyPin(pin("999999")).error() == Reason::pin_wrong);
        CHECK(terminal.card.pinTriesLeft().value() == left);
    }
    Terminal terminal(card, world.sam.get());
    CHECK(terminal.card.verifyPin(pin("123456")).has_value());
    CHECK(terminal.card.pinTriesLeft().value() == 3);
}

TEST_CASE("What cannot be a PIN is not sent") {
    World world;
    Terminal terminal(world.card(World::person()), world.sam.get());
    const auto before = terminal.channel.exchanges();
    for (const auto* wrong : {"", "123", "1234567890123", "12a456", "12 456"})
        CHECK(terminal.card.verifyPin(pin(wrong)).error() == Reason::input_malformed);
    CHECK(terminal.channel.exchanges() == before);
}

TEST_CASE("An odd PIN is padded with F") {
    test::ScriptedConnection connection({"9000", "9000"});
    apdu::Channel channel(connection);
    REQUIRE(SocialSecurityCard(channel, nullptr).verifyPin(pin("12345")));
    CHECK(connection.sent.size() == 2); // SELECT before it
    CHECK(connection.sent.back() == "002000000312345f");
}

namespace {

// What another program may do with the card meanwhile.
const apdu::Command selectRoot{0x00, 0xA4, 0x00, 0x00, {0x3F, 0x00}, 256};

} // namespace

TEST_CASE("The PIN finds the application again after another program used the card") {
    World world;
    Terminal terminal(world.card(World::person()), world.sam.get());
    REQUIRE(terminal.channel.require(selectRoot));
    CHECK(terminal.card.pinTriesLeft().value() == 3);
    REQUIRE(terminal.channel.require(selectRoot));
    CHECK(terminal.card.verifyPin(pin("123456")).has_value());
}

TEST_CASE("The card is kept from others only while the PIN is on its way") {
    World world;
    Terminal terminal(world.card(World::person()), world.sam.get());
    CHECK(terminal.connection.exclusive() == 0);
    REQUIRE(terminal.card.pinTriesLeft());
    CHECK(terminal.connection.exclusive() == 0);
    REQUIRE(terminal.card.verifyPin(pin("123456")));
    CHECK(terminal.connection.exclusive() == 0);
}

TEST_CASE("The PIN is changed by whoever knows it, and the old one is worth nothing then") {
    World world;
    const auto card = world.card(World::person());
    Terminal terminal(card, world.sam.get());
    CHECK(terminal.card.changePin(pin("000000"), pin("87654")).error() == Reason::pin_wrong);
    CHECK(terminal.card.pinTriesLeft().value() == 2);
    CHECK(terminal.card.changePin(pin("123456"), pin("8765x")).error() == Reason::input_malformed);
    REQUIRE(terminal.card.changePin(pin("123456"), pin("87654")));
    CHECK(terminal.card.verifyPin(pin("123456")).error() == Reason::pin_wrong);
    Terminal again(card, world.sam.get());
    CHECK(again.card.verifyPin(pin("87654")).has_value());
}

TEST_CASE("A PIN whose answer is lost is not sent again") {
    test::ScriptedConnection connection({"9000"}); // SELECT; then the card is mute
    apdu::Channel channel(connection);
    CHECK(SocialSecurityCard(channel, nullptr).verifyPin(pin("123456")).error() == Reason::card_mute);
    CHECK(connection.sent.size() == 2);
}
