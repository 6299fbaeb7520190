#include "base/base64.h"
#include "base/hex.h"
#include "crypto/jws.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace ykt;
using namespace ykt::crypto;

namespace {

const auto start = wallFromUnixSeconds(1'800'000'000);
const auto end = start + std::chrono::days(365);
const auto middle = start + std::chrono::days(100);
constexpr auto type = "ykt-test";

std::string base64Url(std::string_view text) {
    auto encoded = toBase64(asBytes(text));
    encoded.resize(encoded.find_last_not_of('=') + 1);
    std::ranges::replace(encoded, '+', '-');
    std::ranges::replace(encoded, '/', '_');
    return encoded;
}

std::string headerOf(const std::string& compact) {
    auto text = compact.substr(0, compact.find('.'));
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return toText(*fromBase64(text));
}

struct World {
    P256PrivateKey caKey = *P256PrivateKey::generate();
    P256PrivateKey key = *P256PrivateKey::generate();
    std::string ca = *makeCertificate({"CA", {}, start, end, true}, caKey.publicKey(), caKey, "CA");
    std::string certificate =
        *makeCertificate({"NX-BUS-0001", {}, start, end, false}, key.publicKey(), caKey, "CA");
    std::string payload = R"({"terminal":"NX-BUS-0001","records":[]})";
    std::string compact = *signJws(type, asBytes(payload), certificate, key);

    [[nodiscard]] Reason refusal(const std::string& message, WallTime at = middle) const {
        const auto result = verifyJws(type, message, ca, at);
        REQUIRE_FALSE(result);
        return result.error().reason;
    }
    // The same payload under another header, properly signed.
    [[nodiscard]] std::string underHeader(const std::string& header) const {
        auto message = base64Url(header) + '.' + base64Url(payload);
        const auto signature = *key.sign(asBytes(message));
        return message + '.' + base64Url(toText(signature));
    }
};

} // namespace

TEST_CASE_METHOD(World, "a signed message tells its payload and who signed it") {
    const auto verified = verifyJws(type, compact, ca, middle);
    REQUIRE(verified);
    CHECK(toText(verified->payload) == payload);
    CHECK(verified->signer.commonName == "NX-BUS-0001");
    CHECK(readCertificate(verified->certificatePem)->serial == verified->signer.serial);
    CHECK(checkCertificate(verified->certificatePem, ca, middle));
    const auto header = nlohmann::json::parse(headerOf(compact));
    CHECK(header["alg"] == "ES256");
    CHECK(header["typ"] == type);

    const auto empty = *signJws(type, {}, certificate, key);
    CHECK(verifyJws(type, empty, ca, middle)->payload.empty());
}

TEST_CASE("the example of RFC 7515, appendix A.3, verifies under its key") {
    // The x5c is ours; what is checked against foreign work is the signing input and the signature's form.
    const auto key = *P256PublicKey::fromPoint(
        *fromHex("047fcdce2770f6c45d4183cbee6fdb4b7b580733357be9ef13bacf6e3c7bd15445"
                 "c7f144cd1bbd9b7e872cdfedb9eeb9f4b3695d6ea90b24ad8a4623288588e5ad"));
    const std::string input =
        "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    std::string signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-"
                            "Kg6NU1Q==";
    std::ranges::replace(signature, '-', '+');
    CHECK(key.verify(asBytes(input), *fromBase64(signature)));
}

TEST_CASE_METHOD(World, "any changed character makes a signed message void") {
    const auto dots = std::ranges::count(compact, '.');
    REQUIRE(dots == 2);
    for (std::size_t at = 0; at < compact.size(); at += 7) {
        auto changed = compact;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        CAPTURE(at);
        CHECK_FALSE(verifyJws(type, changed, ca, middle));
    }
    for (std::size_t size = 0; size < compact.size(); size += 11)
        CHECK_FALSE(verifyJws(type, compact.substr(0, size), ca, middle));
}

TEST_CASE_METHOD(World, "a signed message of another purpose, CA or time is refused") {
    CHECK(verifyJws("other", compact, ca, middle).error() == Reason::input_malformed);
    CHECK(refusal(compact, end + std::chrono::days(1)) == Reason::certificate_invalid);
    CHECK(refusal(compact, start - std::chrono::days(1)) == Reason::certificate_invalid);
    const World other;
    CHECK(refusal(other.compact) == Reason::certificate_invalid);
    const auto selfSigned =
        *makeCertificate({"NX-BUS-0001", {}, start, end, false}, key.publicKey(), key, "CA");
    CHECK(refusal(*signJws(type, asBytes(payload), selfSigned, key)) == Reason::certificate_invalid);
}

TEST_CASE_METHOD(World, "a key that is not the certificate's neither signs nor is believed") {
    const auto another = *P256PrivateKey::generate();
    CHECK(signJws(type, asBytes(payload), certificate, another).error() == Reason::key_invalid);
    CHECK(signJws(type, asBytes(payload), "no certificate", key).error() == Reason::certificate_invalid);
    auto message = compact.substr(0, compact.rfind('.'));
    message += '.' + base64Url(toText(*another.sign(asBytes(message))));
    CHECK(refusal(message) == Reason::signature_invalid);
}

TEST_CASE_METHOD(World, "a header that asks for another way of checking is refused") {
    const auto header = nlohmann::json::parse(headerOf(compact));
    REQUIRE(verifyJws(type, underHeader(header.dump()), ca, middle)); // signed this way it would hold

    auto known = header;
    known["kid"] = "anything";
    CHECK(verifyJws(type, underHeader(known.dump()), ca, middle));
    for (const auto& [name, value] :
         std::map<std::string, nlohmann::json>{{"alg", "none"},
                                               {"alg ", ""},
                                               {"crit", {"b64"}},
                                               {"typ", 7},
                                               {"x5c", nlohmann::json::array()}}) {
        auto changed = header;
        changed[name == "alg " ? "alg" : name] = value;
        CAPTURE(changed["alg"].dump(), name);
        CHECK(refusal(underHeader(changed.dump())) == Reason::input_malformed);
    }
    auto twice = header;
    twice["x5c"].push_back(header["x5c"][0]);
    CHECK(refusal(underHeader(twice.dump())) == Reason::input_malformed);
    twice["x5c"] = {"AAAA"};
    CHECK(refusal(underHeader(twice.dump())) == Reason::certificate_invalid);
    for (const std::string nonsense : {"", "{", "[]", "null", "\"x\""})
        CHECK(refusal(underHeader(nonsense)) == Reason::input_malformed);
    CHECK(refusal(underHeader(std::string(10'000, '['))) == Reason::input_malformed);
}

TEST_CASE_METHOD(World, "what is not compact serialisation is no signed message") {
    for (const std::string& text : {std::string(), std::string("."), std::string(".."), std::string("a.b.c"),
                                    compact + ".", compact + "=", "." + compact, compact + "\n"})
        CHECK(refusal(text) == Reason::input_malformed);
    auto padded = compact;
    std::ranges::replace(padded, '-', '+');
    std::ranges::replace(padded, '_', '/');
    if (padded != compact)
        CHECK(refusal(padded) == Reason::input_malformed);
}
