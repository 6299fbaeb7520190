#include "crypto/p256.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>
#include <mbedtls/pem.h>
#include <thread>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;

namespace {

// RFC 6979, A.2.5
const auto scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
const auto x = hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
const auto y = hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
const auto r = hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716");
const auto s = hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
const auto order = hex("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
const auto message = toBytes("sample");

Bytes uncompressedPoint(std::uint8_t prefix = 4) {
    return concat({Bytes{prefix}, x, y});
}

Secret pemOf(std::string_view label, const Bytes& der) {
    Bytes out(1024);
    std::size_t size = 0;
    const auto begin = "-----BEGIN " + std::string(label) + "-----\n";
    const auto end = "-----END " + std::string(label) + "-----\n";
    REQUIRE(mbedtls_pem_write_buffer(begin.c_str(), end.c_str(), der.data(), der.size(), out.data(),
                                     out.size(), &size) == 0);
    return Secret::copyOf(ByteView(out).first(size - 1));
}

// RFC 5915 without the optional public key.
Bytes sec1(const Bytes& privateScalar) {
    return concat({hex("3031 020101 0420"), privateScalar, hex("a00a 06082a8648ce3d030107")});
}

} // namespace

TEST_CASE("P-256 signs and verifies as RFC 6979 A.2.5 says") {
    const auto key = P256PrivateKey::fromPem(pemOf("EC PRIVATE KEY", sec1(scalar)));
    REQUIRE(key);
    CHECK(toHex(key->publicKey().uncompressed()) == toHex(uncompressedPoint()));
    CHECK(toHex(*key->sign(message)) == toHex(concat({r, s})));
    CHECK(P256PublicKey::fromPoint(uncompressedPoint())->verify(message, concat({r, s})));
}

TEST_CASE("a P-256 key is read from PKCS#8 too") {
    const auto pkcs8 = concat(
        {hex("3041 020100 3013 06072a8648ce3d0201 06082a8648ce3d030107 0427 3025 020101 0420"), scalar});
    const auto key = P256PrivateKey::fromPem(pemOf("PRIVATE KEY", pkcs8));
    REQUIRE(key);
    CHECK(toHex(key->publicKey().uncompressed()) == toHex(uncompressedPoint()));
}

TEST_CASE("the public key that a file carries beside the private one is not believed") {
    const auto stranger = P256PrivateKey::generate()->publicKey().uncompressed();
    const auto der =
        concat({hex("3077 020101 0420"), scalar, hex("a00a 06082a8648ce3d030107 a144 034200"), stranger});
    const auto key = P256PrivateKey::fromPem(pemOf("EC PRIVATE KEY", der));
    REQUIRE(key);
    CHECK(toHex(key->publicKey().uncompressed()) == toHex(uncompressedPoint()));
}

TEST_CASE("P-256 public keys are read compressed and uncompressed, and only when on the curve") {
    CHECK(P256PublicKey::fromPoint(concat({Bytes{3}, x}))->uncompressed().size() == 65);
    const auto even = P256PublicKey::fromPoint(concat({Bytes{2}, x}));
    const auto odd = P256PublicKey::fromPoint(concat({Bytes{3}, x}));
    REQUIRE((even && odd));
    CHECK(toHex(odd->uncompressed()) == toHex(uncompressedPoint())); // y ends in 99
    CHECK(odd->verify(message, concat({r, s})));
    CHECK(even->verify(message, concat({r, s})).error() == Reason::signature_invalid);

    for (const auto prefix : hex("000203050607"))
        CHECK(P256PublicKey::fromPoint(uncompressedPoint(prefix)).error() == Reason::key_invalid);
    CHECK(P256PublicKey::fromPoint(concat({Bytes{4}, y, x})).error() == Reason::key_invalid);
    CHECK(P256PublicKey::fromPoint(concat({Bytes{4}, x})).error() == Reason::key_invalid);
    CHECK(P256PublicKey::fromPoint(concat({Bytes{2}, Bytes(32, 0xFF)})).error() == Reason::key_invalid);
    for (const auto& bad : {Bytes{}, Bytes{0}, Bytes(33), Bytes(65), Bytes(64, 4)})
        CHECK(P256PublicKey::fromPoint(bad).error() == Reason::key_invalid);
    // A point of the SM2 curve
    CHECK(P256PublicKey::fromPoint(hex("04 32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
                                       "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"))
              .error() == Reason::key_invalid);
}

TEST_CASE("P-256 refuses changed messages, changed signatures and r or s out of range") {
    const auto key = *P256PublicKey::fromPoint(uncompressedPoint());
    const auto signature = concat({r, s});
    for (std::size_t i = 0; i < signature.size(); ++i) {
        auto changed = signature;
        changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        CHECK(key.verify(message, changed).error() == Reason::signature_invalid);
        CHECK(key.verify(message, ByteView(signature).first(i)).error() == Reason::signature_invalid);
    }
    const Bytes zero(32);
    for (const auto& bad : {concat({zero, s}), concat({r, zero}), concat({order, s}), concat({r, order}),
                            concat({s, r}), Bytes(64, 0xFF), concat({signature, Bytes{0}})})
        CHECK(key.verify(message, bad).error() == Reason::signature_invalid);
    CHECK(key.verify(asBytes("Sample"), signature).error() == Reason::signature_invalid);
}

TEST_CASE("a generated P-256 key survives its PEM text") {
    const auto key = *P256PrivateKey::generate();
    const auto again = P256PrivateKey::fromPem(key.toPem());
    REQUIRE(again);
    CHECK(again->publicKey().uncompressed() == key.publicKey().uncompressed());
    CHECK(key.publicKey().verify(message, *again->sign(message)));
    CHECK(P256PrivateKey::generate()->publicKey().uncompressed() != key.publicKey().uncompressed());
}

TEST_CASE("texts that are no P-256 private key are refused") {
    const auto refused = [](const Secret& pem) {
        return P256PrivateKey::fromPem(pem).error() == Reason::key_invalid;
    };
    CHECK(refused(Secret{}));
    CHECK(refused(Secret(toBytes("-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"))));
    CHECK(refused(pemOf("EC PRIVATE KEY", sec1(Bytes(32)))));
    CHECK(refused(pemOf("EC PRIVATE KEY", sec1(order))));
    // The same scalar on secp256k1
    CHECK(refused(
        pemOf("EC PRIVATE KEY", concat({hex("302e 020101 0420"), scalar, hex("a007 06052b8104000a")}))));
    const auto whole = P256PrivateKey::generate()->toPem();
    for (std::size_t size = 0; size + 2 < whole.size(); size += 3)
        CHECK(refused(Secret::copyOf(whole.reveal().first(size))));
}

TEST_CASE("one P-256 key serves several threads") {
    const auto key = *P256PrivateKey::generate();
    const auto publicKey = key.publicKey();
    std::array<bool, 4> good{};
    {
        std::vector<std::jthread> threads;
        for (auto& verdict : good)
            threads.emplace_back([&] {
                verdict = true;
                for (int i = 0; i < 10; ++i)
                    verdict = verdict && publicKey.verify(message, key.sign(message).value()).has_value();
            });
    }
    CHECK(good == std::array<bool, 4>{true, true, true, true});
}
