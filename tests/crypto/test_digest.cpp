#include "crypto/digest.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;

TEST_CASE("SM3 gives the two digests of GB/T 32905 annex A") {
    CHECK(toHex(sm3(asBytes("abc"))) == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    std::string text;
    for (int i = 0; i < 16; ++i)
        text += "abcd";
    CHECK(toHex(sm3(asBytes(text))) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

TEST_CASE("SHA-256 gives the digests of FIPS 180-4's examples") {
    CHECK(toHex(sha256(asBytes("abc"))) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(toHex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("HMAC-SHA-256 gives the answers of RFC 4231") {
    CHECK(toHex(hmacSha256(Secret(Bytes(20, 0x0b)), asBytes("Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(toHex(hmacSha256(Secret(toBytes("Jefe")), asBytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(toHex(hmacSha256(Secret(Bytes(131, 0xaa)),
                           asBytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

// RFC 2104 from its definition, over our own SM3, for keys shorter than, as long as and longer than a block.
TEST_CASE("HMAC-SM3 is the construction of RFC 2104 over SM3") {
    constexpr std::size_t block = 64;
    for (const std::size_t keySize : {std::size_t{0}, std::size_t{1}, std::size_t{32}, block, block + 1}) {
        const auto key = countingBytes(1, keySize);
        for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{200}}) {
            const auto data = countingBytes(7, size);
            Bytes inner(block);
            const auto shortKey = keySize > block ? concat({sm3(key)}) : key;
            std::copy(shortKey.begin(), shortKey.end(), inner.begin());
            auto outer = inner;
            for (auto& byte : inner)
                byte ^= 0x36;
            for (auto& byte : outer)
                byte ^= 0x5c;
            CHECK(hmacSm3(Secret::copyOf(key), data) == sm3(concat({outer, sm3(concat({inner, data}))})));
        }
    }
}

TEST_CASE("the empty message and the empty key are ordinary input") {
    CHECK(sm3({}) == sm3(Bytes{}));
    CHECK(sm3({}) != sm3(Bytes{0}));
    CHECK(toHex(hmacSha256(Secret{}, {})) ==
          "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
