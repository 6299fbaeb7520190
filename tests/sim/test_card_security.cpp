#include "card_terminal.h"
#include "sim/cards/keys.h"
#include "sim/cards/virtual_card.h"

#include <catch2/catch.hpp>

using namespace ykt;
using crypto::BlockCipher;
using test::CardTerminal;

namespace {

// A card whose keys the test knows: EF06 is guarded by key 0A.
struct OpenCard {
    explicit OpenCard(BlockCipher which) : cipher(which), terminal(make()) {
        terminal.send("00A4000002DDF100");
    }

    std::shared_ptr<sim::VirtualCard> make() {
        sim::Directory application;
        application.fid = 0xDDF1;
        application.files.push_back({0xEF06, sim::VariableRecords{{Bytes{0x08, 0x01, 0x37}}}, 0x0A});
        application.keys.push_back({0x00, cipher, Secret::copyOf(internalKey)});
        application.keys.push_back({0x0A, cipher, Secret::copyOf(readingKey)});
        application.pin = sim::PinSlot{Secret::copyOf(Bytes{0x12, 0x34, 0x56})};
        sim::Directory other;
        other.fid = 0xDF01;
        sim::Directory root;
        root.fid = sim::masterFile;
        root.children.push_back(std::move(application));
        root.children.push_back(std::move(other));
        return std::make_shared<sim::VirtualCard>(Bytes{0x3B, 0x00}, std::move(root),
                                                  sim::CardInterface::contactless);
    }

    std::string challenge() { return terminal.send("0084000008").substr(0, 16); }
    std::string proof(const Bytes& key, std::string_view processFactor, std::string_view original) const {
        return toHex(sim::proofOf(cipher, Secret::copyOf(key), fromHex(processFactor).value(),
                                  fromHex(original).value())
                         .value());
    }
    std::string letIn(const Bytes& key) {
        const auto original = challenge();
        const auto processFactor = challenge();
        return terminal.send("0082000A10" + proof(key, processFactor, original) + original);
    }

    const Bytes internalKey = Bytes(16, 0x11);
    const Bytes readingKey = Bytes(16, 0x22);
    BlockCipher cipher;
    CardTerminal terminal;
};

constexpr auto readHolder = "00B2083003";

} // namespace

TEST_CASE("INTERNAL AUTHENTICATE answers the proof, with or without a key version") {
    OpenCard card(GENERATE(BlockCipher::triple_des, BlockCipher::sm4));
    const std::string factor = "0102030405060708";
    const std::string original = "1112131415161718";
    const auto expected = card.proof(card.internalKey, factor, original) + "9000";
    CHECK(card.terminal.send("0088000010" + factor + original + "08") == expected);
    CHECK(card.terminal.send("0088000011" + factor + original + "0108") == expected);
    CHECK(card.terminal.send("0088000010" + factor + "111213141516171908") != expected);
    CHECK(card.terminal.send("008800000F" + factor + "1112131415161708") == "6700");
    CHECK(card.terminal.send("0088000110" + factor + original + "08") == "6a86");
    card.terminal.send("00A4000002DF0100");
    CHECK(card.terminal.send("0088000010" + factor + original + "08") == "6a88"); // no key there
}

TEST_CASE("EXTERNAL AUTHENTICATE opens what its key guards") {
    OpenCard card(GENERATE(BlockCipher::triple_des, BlockCipher::sm4));
    CHECK(card.terminal.send(readHolder) == "6982");
    CHECK(card.letIn(card.readingKey) == "9000");
    CHECK(card.terminal.send(readHolder) == "0801379000");
    CHECK(card.letIn(card.internalKey) == "63ce");
}

TEST_CASE("What was proved is forgotten at reset and when a directory is selected") {
    OpenCard card(BlockCipher::sm4);
    SECTION("reset") {
        REQUIRE(card.letIn(card.readingKey) == "9000");
        card.terminal.reset();
        card.terminal.send("00A4000002DDF100");
    }
    SECTION("another directory and back") {
        REQUIRE(card.letIn(card.readingKey) == "9000");
        card.terminal.send("00A4000002DF0100");
        card.terminal.send("00A4000002DDF100");
    }
    CHECK(card.terminal.send(readHolder) == "6982");
}

TEST_CASE("A challenge serves once, and two are needed") {
    OpenCard card(BlockCipher::sm4);
    const auto original = card.challenge();
    const auto attempt = "0082000A10" + std::string(16, '0') + original;
    CHECK(card.terminal.send(attempt) == "6984"); // only one challenge was given
    const auto first = card.challenge();
    const auto second = card.challenge();
    const auto command = "0082000A10" + card.proof(card.readingKey, second, first) + first;
    CHECK(card.terminal.send(command) == "9000");
    CHECK(card.terminal.send(command) == "6984"); // replayed
    CHECK(card.terminal.send("0082000B10" + std::string(32, '0')) == "6a88");
}

TEST_CASE("A key blocks after its tries, for good") {
    OpenCard card(BlockCipher::sm4);
    for (int left = sim::KeySlot::maxTries - 1; left >= 0; --left)
        CHECK(card.letIn(card.internalKey) == std::string("63c") + "0123456789abcdef"[left]);
    CHECK(card.letIn(card.readingKey) == "6983");
    card.terminal.reset();
    card.terminal.send("00A4000002DDF100");
    CHECK(card.letIn(card.readingKey) == "6983");
}

TEST_CASE("VERIFY counts tries and blocks") {
    OpenCard card(BlockCipher::sm4);
    CHECK(card.terminal.send("00200000") == "63c3");
    CHECK(card.terminal.send("0020000003000000") == "63c2");
    CHECK(card.terminal.send("0020000003123456") == "9000");
    CHECK(card.terminal.send("00200000") == "63c3");
    CHECK(card.terminal.send("002000000112") == "6700");
    CHECK(card.terminal.send("0020000003000000") == "63c2");
    CHECK(card.terminal.send("0020000003000000") == "63c1");
    CHECK(card.terminal.send("0020000003000000") == "63c0");
    CHECK(card.terminal.send("0020000003123456") == "6983");
    CHECK(card.terminal.send("00200000") == "6983");
    card.terminal.send("00A4000002DF0100");
    CHECK(card.terminal.send("0020000003123456") == "6a88");
}

TEST_CASE("The PIN does not open what a key guards") {
    OpenCard card(BlockCipher::sm4);
    REQUIRE(card.terminal.send("0020000003123456") == "9000");
    CHECK(card.terminal.send(readHolder) == "6982");
}

TEST_CASE("Keys are diversified as the standard's formulas say, step by step") {
    const auto master = Secret::copyOf(fromHex("0123456789abcdeffedcba9876543210").value());
    const auto factor = fromHex("3634303130307378").value();
    const auto complement = fromHex("c9cbcfcecfcf8c87").value();
    CHECK(sim::cityFactor("640100") == factor);
    for (const auto cipher : {BlockCipher::triple_des, BlockCipher::sm4}) {
        const auto key = sim::diversify(cipher, master, factor).value();
        const auto whole = crypto::encryptEcb(cipher, master, concat({factor, complement})).value();
        CHECK(toHex(key.reveal()) == toHex(whole));
    }
    // GB/T 32907 A.1: the master key enciphers itself
    const auto selfEnciphered = crypto::encryptEcb(BlockCipher::sm4, master, master.reveal()).value();
    CHECK(toHex(selfEnciphered) == "681edf34d206965e86b3e94f536e4246");
}
