#include "crypto/sm2.h"
#include "tests/crypto/known.h"

#include <catch2/catch.hpp>
#include <openssl/err.h>
#include <thread>

using namespace ykt;
using namespace ykt::crypto;
using namespace ykt::test;

namespace {

// GB/T 32918.5 annex A
const auto fieldPrime = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF");
const auto order = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
const auto privateScalar = hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
const auto x = hex("09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020");
const auto y = hex("CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13");
const auto r = hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3");
const auto s = hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA");
const auto message = toBytes("message digest");

Bytes prefixed(std::uint8_t prefix, std::initializer_list<ByteView> parts) {
    return concat({Bytes{prefix}, concat(parts)});
}

// 256-bit arithmetic for making bad input: a + b and a - b, without overflow in these tests.
Bytes plus(Bytes a, unsigned small) {
    unsigned carry = small;
    for (std::size_t i = a.size(); i > 0; --i) {
        carry += a[i - 1];
        a[i - 1] = static_cast<std::uint8_t>(carry);
        carry >>= 8;
    }
    return a;
}

Bytes minus(Bytes a, ByteView b) {
    int borrow = 0;
    for (std::size_t i = a.size(); i > 0; --i) {
        const int difference = a[i - 1] - b[i - 1] - borrow;
        borrow = difference < 0 ? 1 : 0;
        a[i - 1] = static_cast<std::uint8_t>(difference);
    }
    return a;
}

Sm2PublicKey knownKey() {
    return *Sm2PublicKey::fromPoint(prefixed(4, {x, y}));
}

Bytes flipped(Bytes bytes, std::size_t at) {
    bytes[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
    return bytes;
}

} // namespace

TEST_CASE("SM2 verifies the signature of GB/T 32918.5 annex A") {
    CHECK(knownKey().verify(message, concat({r, s})));
    CHECK(Sm2PublicKey::fromPoint(prefixed(3, {x}))->verify(message, concat({r, s})));
}

TEST_CASE("an SM2 private key gives the public key of GB/T 32918.5 annex A") {
    const auto key = Sm2PrivateKey::fromScalar(Secret::copyOf(privateScalar));
    REQUIRE(key);
    CHECK(toHex(key->publicKey().uncompressed()) == toHex(prefixed(4, {x, y})));
    CHECK(toHex(key->publicKey().compressed()) == toHex(prefixed(3, {x})));
    CHECK(equalConstantTime(key->scalar().reveal(), privateScalar));
    CHECK(key->publicKey() == knownKey());
}

TEST_CASE("SM2 refuses r and s out of range and r + s = 0") {
    const Bytes zero(32);
    const Bytes ones(32, 0xFF);
    const std::vector<std::pair<Bytes, Bytes>> bad{
        {zero, s},           {r, zero}, {zero, zero}, {order, s},   {r, order}, {plus(order, 1), s},
        {r, plus(order, 1)}, {ones, s}, {r, ones},    {ones, ones}, {s, r},     {r, minus(order, r)},
        {minus(order, s), s}};
    for (const auto& [first, second] : bad)
        CHECK(knownKey().verify(message, concat({first, second})).error() == Reason::signature_invalid);
}

TEST_CASE("SM2 refuses a signature or message with any byte changed") {
    const auto signature = concat({r, s});
    for (std::size_t i = 0; i < signature.size(); ++i)
        CHECK(knownKey().verify(message, flipped(signature, i)).error() == Reason::signature_invalid);
    for (std::size_t i = 0; i < message.size(); ++i)
        CHECK(knownKey().verify(flipped(message, i), signature).error() == Reason::signature_invalid);
    CHECK(knownKey().verify({}, signature).error() == Reason::signature_invalid);
    CHECK(knownKey().verify(concat({message, Bytes{0}}), signature).error() == Reason::signature_invalid);
}

TEST_CASE("SM2 signatures are bound to the user id") {
    const auto signature = concat({r, s});
    for (const auto* id : {"", "1", "123456781234567", "1234567812345679", "12345678123456781"})
        CHECK(knownKey().verify(message, signature, id).error() == Reason::signature_invalid);

    const auto key = *Sm2PrivateKey::generate();
    for (const std::string id : {"", "ALICE123@YAHOO.COM", "1234567812345678"}) {
        const auto own = key.sign(message, id);
        REQUIRE(own);
        CHECK(key.publicKey().verify(message, *own, id));
        CHECK(key.publicKey().verify(message, *own, id + "x").error() == Reason::signature_invalid);
    }
    CHECK(key.sign(message, std::string(8192, 'a')).error() == Reason::crypto_failed); // ENTL has 16 bits
}

TEST_CASE("SM2 refuses signatures of other lengths, DER among them") {
    const auto signature = concat({r, s});
    for (const std::size_t size : {0, 1, 32, 63})
        CHECK(knownKey().verify(message, ByteView(signature).first(size)).error() ==
              Reason::signature_invalid);
    CHECK(knownKey().verify(message, concat({signature, Bytes{0}})).error() == Reason::signature_invalid);
    const auto der = concat({hex("3046 022100"), r, hex("022100"), s});
    CHECK(knownKey().verify(message, der).error() == Reason::signature_invalid);
}

TEST_CASE("SM2 public keys have one of two forms") {
    CHECK(Sm2PublicKey::fromPoint(prefixed(4, {x, y})));
    for (const auto prefix : hex("00010203050607ff"))
        CHECK(Sm2PublicKey::fromPoint(prefixed(prefix, {x, y})).error() == Reason::key_invalid);
    for (const auto prefix : hex("000104050607ff"))
        CHECK(Sm2PublicKey::fromPoint(prefixed(prefix, {x})).error() == Reason::key_invalid);
    const auto whole = prefixed(4, {x, y});
    for (const std::size_t size : {0, 1, 32, 33, 34, 63, 64})
        CHECK(Sm2PublicKey::fromPoint(ByteView(whole).first(size)).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(concat({whole, Bytes{0}})).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(concat({x, y})).error() == Reason::key_invalid);
}

TEST_CASE("SM2 public keys lie on the curve and are not the point at infinity") {
    CHECK(Sm2PublicKey::fromPoint(prefixed(4, {y, x})).error() == Reason::key_invalid);
    for (std::size_t i = 0; i < 32; ++i)
        CHECK(Sm2PublicKey::fromPoint(prefixed(4, {x, flipped(y, i)})).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(Bytes{0}).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(prefixed(4, {Bytes(64)})).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(Bytes(65)).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(Bytes(33)).error() == Reason::key_invalid);
}

TEST_CASE("SM2 public keys have coordinates below p") {
    unsigned found = 0;
    for (unsigned small = 1; small < 50; ++small) {
        const auto reduced = plus(Bytes(32), small);
        const auto key = Sm2PublicKey::fromPoint(prefixed(2, {reduced}));
        if (!key)
            continue; // half of all x are not on the curve
        ++found;
        const auto notReduced = plus(fieldPrime, small);
        const auto point = key->uncompressed();
        CHECK(Sm2PublicKey::fromPoint(prefixed(2, {notReduced})).error() == Reason::key_invalid);
        CHECK(Sm2PublicKey::fromPoint(prefixed(4, {notReduced, ByteView(point).last(32)})).error() ==
              Reason::key_invalid);
    }
    CHECK(found > 5);
    CHECK(Sm2PublicKey::fromPoint(prefixed(2, {fieldPrime})).error() == Reason::key_invalid);
    CHECK(Sm2PublicKey::fromPoint(prefixed(3, {Bytes(32, 0xFF)})).error() == Reason::key_invalid);
}

TEST_CASE("SM2 private keys are 1 to n - 2") {
    const auto make = [](const Bytes& scalar) { return Sm2PrivateKey::fromScalar(Secret::copyOf(scalar)); };
    const auto one = plus(Bytes(32), 1);
    const auto two = plus(Bytes(32), 2);
    CHECK(make(one));
    CHECK(make(minus(order, two)));
    for (const auto& bad : {Bytes(32), minus(order, one), order, plus(order, 1), Bytes(32, 0xFF)})
        CHECK(make(bad).error() == Reason::key_invalid);
    for (const std::size_t size : {0, 31, 33})
        CHECK(make(Bytes(size, 1)).error() == Reason::key_invalid);
}

TEST_CASE("SM2 signatures verify with their own key only") {
    for (int i = 0; i < 20; ++i) {
        const auto key = *Sm2PrivateKey::generate();
        const auto text = countingBytes(0, static_cast<std::size_t>(i) * 11);
        const auto signature = key.sign(text);
        REQUIRE(signature);
        CHECK(key.publicKey().verify(text, *signature));
        CHECK(Sm2PublicKey::fromPoint(key.publicKey().compressed())->verify(text, *signature));
        CHECK(knownKey().verify(text, *signature).error() == Reason::signature_invalid);
        CHECK(*key.sign(text) != *signature);
    }
}

TEST_CASE("refused keys and signatures leave nothing in OpenSSL's error queue") {
    ERR_clear_error();
    CHECK_FALSE(Sm2PublicKey::fromPoint(prefixed(4, {y, x})));
    CHECK_FALSE(knownKey().verify(message, concat({s, r})));
    CHECK(ERR_peek_error() == 0);
}

TEST_CASE("one SM2 key serves several threads") {
    const auto key = *Sm2PrivateKey::generate();
    const auto publicKey = key.publicKey();
    std::array<bool, 4> good{};
    {
        std::vector<std::jthread> threads;
        for (auto& verdict : good)
            threads.emplace_back([&] {
                verdict = true;
                for (int i = 0; i < 25; ++i)
                    verdict = verdict && publicKey.verify(message, key.sign(message).value()).has_value();
            });
    }
    CHECK(good == std::array<bool, 4>{true, true, true, true});
}
