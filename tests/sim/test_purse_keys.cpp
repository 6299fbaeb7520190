// The formulas of purses against values worked out with the openssl program, block by block.
#include "base/hex.h"
#include "sim/cards/purse_keys.h"

#include <catch2/catch.hpp>

using namespace ykt;

namespace {

Bytes hex(std::string_view text) {
    return fromHex(text).value();
}

Secret purchaseKey() {
    const auto master = Secret::copyOf(hex("0123456789abcdeffedcba9876543210"));
    return sim::purseKey(master, hex("09996401ffffffff"), hex("9964000001358954")).value();
}

} // namespace

TEST_CASE("A purse's key comes from the issuer's number, then from the card's") {
    CHECK(toHex(purchaseKey().reveal()) == "f6bdc46f52db0a329366bb85ef5d9783");
}

TEST_CASE("MAC1 and MAC2 are made under a key that card and terminal both had a part in") {
    const auto session =
        sim::purchaseSession(purchaseKey(), hex("a1b2c3d4"), hex("0102"), hex("03040506")).value();
    CHECK(toHex(session.reveal()) == "8ff7da04712d20fa");
    CHECK(toHex(sim::purseMac(session, hex("000000c8 06 649999000001 20261124083015")).value()) ==
          "71efaa8a");
    CHECK(toHex(sim::purseMac(session, hex("000000c8")).value()) == "401acbac");
}

TEST_CASE("The transaction code is made under both halves of its key, XORed") {
    const auto code =
        sim::transactionCode(purchaseKey(), hex("000000c8 06 649999000001 03040506 20261124083015"));
    CHECK(toHex(code.value()) == "f1edd826");
}

TEST_CASE("The MAC of a maintaining command begins with the challenge and ends with both halves of the key") {
    CHECK(toHex(sim::maintenanceMac(purchaseKey(), hex("a1b2c3d400000000"), hex("841e000004")).value()) ==
          "6cf42d62");
}

TEST_CASE("Keys of other lengths are refused") {
    const auto shortKey = Secret::copyOf(Bytes(7));
    CHECK(sim::purseKey(shortKey, hex("09996401ffffffff"), hex("9964000001358954")).error() ==
          Reason::key_invalid);
    CHECK(sim::purseMac(shortKey, hex("00")).error() == Reason::key_invalid);
}
