#include "crypto/block_cipher.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;

namespace {

Bytes exclusiveOr(Bytes a, ByteView b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        a[i] ^= b[i];
    return a;
}

} // namespace

TEST_CASE("SM4 gives the two answers of GB/T 32907 annex A") {
    const auto key = secretHex("0123456789abcdeffedcba9876543210");
    auto block = hex("0123456789abcdeffedcba9876543210");
    block = *encryptEcb(BlockCipher::sm4, key, block);
    CHECK(toHex(block) == "681edf34d206965e86b3e94f536e4246");
    for (int i = 1; i < 1'000'000; ++i)
        block = *encryptEcb(BlockCipher::sm4, key, block);
    CHECK(toHex(block) == "595298c7c6fd271f0402f804c33d3f66");
}

TEST_CASE("an eight-byte key is single DES") {
    CHECK(toHex(*encryptEcb(BlockCipher::triple_des, secretHex("133457799bbcdff1"),
                            hex("0123456789abcdef"))) == "85e813540f0ab405");
    // NIST SP 800-20, table A.1, first row
    CHECK(toHex(*encryptEcb(BlockCipher::triple_des, secretHex("0101010101010101"),
                            hex("8000000000000000"))) == "95f8a5e5dd31d900");
}

TEST_CASE("two-key triple DES encrypts, decrypts and encrypts with K1, K2, K1") {
    const auto k1 = secretHex("0123456789abcdef");
    const auto k2 = secretHex("fedcba9876543210");
    const auto both = secretHex("0123456789abcdeffedcba9876543210");
    const auto text = hex("4e6f772069732074 68652074696d6520");
    constexpr auto des = BlockCipher::triple_des;
    const auto expected = *encryptEcb(des, k1, *decryptEcb(des, k2, *encryptEcb(des, k1, text)));
    CHECK(*encryptEcb(des, both, text) == expected);
    CHECK(*decryptEcb(des, both, expected) == text);
}

TEST_CASE("decryption undoes encryption over several blocks") {
    const auto key = secretHex("000102030405060708090a0b0c0d0e0f");
    for (const auto cipher : {BlockCipher::sm4, BlockCipher::triple_des}) {
        const auto text = countingBytes(0, blockSize(cipher) * 5);
        CHECK(*decryptEcb(cipher, key, *encryptEcb(cipher, key, text)) == text);
        CHECK(encryptEcb(cipher, key, {})->empty());
    }
}

TEST_CASE("block ciphers refuse wrong key lengths and broken blocks") {
    for (const std::size_t size : {0, 7, 9, 15, 17, 24, 32}) {
        const Secret key{Bytes(size, 1)};
        for (const auto cipher : {BlockCipher::sm4, BlockCipher::triple_des}) {
            CHECK(encryptEcb(cipher, key, Bytes(16)).error() == Reason::key_invalid);
            CHECK(decryptEcb(cipher, key, Bytes(16)).error() == Reason::key_invalid);
            CHECK(cbcMac(cipher, key, Bytes(16)).error() == Reason::key_invalid);
        }
    }
    CHECK(encryptEcb(BlockCipher::sm4, Secret(Bytes(8, 1)), Bytes(16)).error() == Reason::key_invalid);
    CHECK(encryptEcb(BlockCipher::sm4, Secret(Bytes(16, 1)), Bytes(15)).error() == Reason::crypto_failed);
    CHECK(decryptEcb(BlockCipher::triple_des, Secret(Bytes(16, 1)), Bytes(9)).error() ==
          Reason::crypto_failed);
    CHECK(cbcMac(BlockCipher::sm4, Secret(Bytes(16, 1)), Bytes(3), Bytes(8)).error() ==
          Reason::crypto_failed);
}

// ISO/IEC 9797-1 from its definition: pad with 80 00..., then chain block by block.
TEST_CASE("CBC-MAC is the last block of the chain over the padded data") {
    const auto key = secretHex("000102030405060708090a0b0c0d0e0f");
    for (const auto cipher : {BlockCipher::sm4, BlockCipher::triple_des}) {
        const auto block = blockSize(cipher);
        for (const auto& iv : {Bytes{}, countingBytes(0x55, block)}) {
            for (std::size_t size = 0; size <= 2 * block + 1; ++size) {
                const auto data = countingBytes(9, size);
                auto padded = concat({data, Bytes{0x80}});
                while (padded.size() % block != 0)
                    padded.push_back(0);
                auto chain = iv.empty() ? Bytes(block) : iv;
                for (std::size_t at = 0; at < padded.size(); at += block)
                    chain = *encryptEcb(cipher, key, exclusiveOr(chain, ByteView(padded).subspan(at, block)));
                CHECK(*cbcMac(cipher, key, data, iv) == chain);
            }
        }
    }
}
