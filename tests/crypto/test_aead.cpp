#include "crypto/aead.h"
#include "crypto/random.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;

TEST_CASE("AES-256-GCM opens the texts of McGrew and Viega's test cases 13 and 16") {
    const auto empty =
        unseal(Secret(Bytes(32)), hex("000000000000000000000000 530f8afbc74536b9a963b4f1c4cb738b"), {});
    REQUIRE(empty);
    CHECK(empty->empty());

    const auto key = secretHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const auto sealed = hex("cafebabefacedbaddecaf888"
                            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                            "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                            "76fc6ece0f4e1768cddf8853bb2d551b");
    const auto plain = unseal(key, sealed, hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
    REQUIRE(plain);
    CHECK(toHex(plain->reveal()) == "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}

TEST_CASE("what is sealed can be unsealed, whatever its length") {
    const auto key = *randomSecret(aeadKeySize);
    for (const std::size_t size : {0, 1, 15, 16, 17, 5000}) {
        const auto plain = countingBytes(3, size);
        const auto sealed = seal(key, plain, asBytes("epoch 1"));
        REQUIRE(sealed);
        CHECK(sealed->size() == aeadNonceSize + size + aeadTagSize);
        const auto opened = unseal(key, *sealed, asBytes("epoch 1"));
        REQUIRE(opened);
        CHECK(equalConstantTime(opened->reveal(), plain));
    }
}

TEST_CASE("each seal takes a new nonce") {
    const auto key = *randomSecret(aeadKeySize);
    const auto plain = toBytes("the same text");
    const auto first = *seal(key, plain, {});
    const auto second = *seal(key, plain, {});
    CHECK_FALSE(std::equal(first.begin(), first.begin() + aeadNonceSize, second.begin()));
}

TEST_CASE("a sealed text with any byte changed, cut short or lengthened stays closed") {
    const auto key = *randomSecret(aeadKeySize);
    const auto sealed = *seal(key, asBytes("a fare of two yuan"), asBytes("terminal 7"));
    REQUIRE(unseal(key, sealed, asBytes("terminal 7")));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        auto changed = sealed;
        changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        CHECK(unseal(key, changed, asBytes("terminal 7")).error() == Reason::unseal_failed);
        CHECK(unseal(key, ByteView(sealed).first(i), asBytes("terminal 7")).error() == Reason::unseal_failed);
    }
    CHECK(unseal(key, concat({sealed, Bytes{0}}), asBytes("terminal 7")).error() == Reason::unseal_failed);
    CHECK(unseal(key, sealed, asBytes("terminal 8")).error() == Reason::unseal_failed);
    CHECK(unseal(key, sealed, {}).error() == Reason::unseal_failed);
    CHECK(unseal(*randomSecret(aeadKeySize), sealed, asBytes("terminal 7")).error() == Reason::unseal_failed);
}

TEST_CASE("AES-256-GCM takes keys of 32 bytes only") {
    for (const std::size_t size : {0, 16, 24, 31, 33}) {
        CHECK(seal(Secret(Bytes(size)), {}, {}).error() == Reason::key_invalid);
        CHECK(unseal(Secret(Bytes(size)), Bytes(28), {}).error() == Reason::key_invalid);
    }
}

TEST_CASE("HKDF-SHA-256 gives the answers of RFC 5869, cases 1 to 3") {
    const auto derive = [](const Bytes& key, const Bytes& salt, const Bytes& info, std::size_t size) {
        return toHex(hkdf(Secret::copyOf(key), salt, toText(info), size)->reveal());
    };
    CHECK(derive(Bytes(22, 0x0b), countingBytes(0, 13), countingBytes(0xf0, 10), 42) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    CHECK(derive(countingBytes(0, 80), countingBytes(0x60, 80), countingBytes(0xb0, 80), 82) ==
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d"
          "87");
    CHECK(derive(Bytes(22, 0x0b), {}, {}, 42) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("HKDF gives at most 255 blocks") {
    CHECK(hkdf(Secret(Bytes(32, 1)), {}, "x", 255 * 32)->size() == 255 * 32);
    CHECK(hkdf(Secret(Bytes(32, 1)), {}, "x", 255 * 32 + 1).error() == Reason::crypto_failed);
}

TEST_CASE("random bytes have the size asked for and do not repeat") {
    CHECK(randomBytes(0)->empty());
    CHECK(randomBytes(1 << 20)->size() == 1 << 20);
    CHECK(*randomBytes(16) != *randomBytes(16));
    Bytes a(32);
    Bytes b(32);
    CHECK(mbedtlsRandom(nullptr, a.data(), a.size()) == 0);
    CHECK(mbedtlsRandom(nullptr, b.data(), b.size()) == 0);
    CHECK(a != b);
}
