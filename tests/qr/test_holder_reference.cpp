#include "base/hex.h"
#include "crypto/block_cipher.h"
#include "crypto/digest.h"
#include "qr/fusion_code.h"
#include "sim/codes/code_issuer.h"

#include <catch2/catch.hpp>

using namespace ykt;
using namespace std::chrono_literals;

namespace {

const WallTime generated = wallFromUnixSeconds(1'767'225'600); // 2026-01-01
const PersonalData<std::string> number{"11010519491231002X"};  // the example of GB 11643

Secret key(std::uint8_t fill) {
    return Secret::copyOf(Bytes(32, fill));
}

qr::FusionCode codeOf(const sim::CodeIssuer& issuer, std::chrono::seconds later) {
    sim::FusionCodeSpec spec;
    spec.programmeKey = key(0x11);
    spec.holderReference = qr::holderReference(spec.programmeKey, number);
    const auto payload = *issuer.fusionCode(spec, generated + later);
    CHECK(toText(payload).find(number.reveal()) == std::string::npos);
    return *qr::parseFusionCode(payload);
}

} // namespace

TEST_CASE("the holder reference is a MAC of the number under the programme's key") {
    const auto reference = qr::holderReference(key(0x11), number);
    const auto mac = crypto::hmacSm3(key(0x11), asBytes(number.reveal()));
    CHECK(std::equal(reference.begin(), reference.end(), mac.begin()));
    CHECK(reference != qr::holderReference(key(0x12), number));
    CHECK(reference != qr::holderReference(key(0x11), PersonalData<std::string>{"440524188001010014"}));
}

TEST_CASE("a holder reference is sealed by one block of SM4 under the authorisation's own key") {
    const qr::HolderReference reference{1, 2, 3};
    const Bytes point(33, 0x02);
    const auto sealed = *qr::sealHolderReference(key(0x11), reference, {point, generated});
    auto message = concat({asBytes("ykt-fusion-seal"), point});
    appendBigEndian(message, 1'767'225'600, 4);
    const auto mac = crypto::hmacSm3(key(0x11), message);
    const auto block =
        *crypto::encryptEcb(crypto::BlockCipher::sm4, Secret::copyOf(ByteView(mac).first(16)), reference);
    CHECK(std::equal(sealed.begin(), sealed.end(), block.begin()));
    CHECK(*qr::openHolderReference(key(0x11), sealed, {point, generated}) == reference);
    CHECK(*qr::openHolderReference(key(0x12), sealed, {point, generated}) != reference);
    CHECK(*qr::openHolderReference(key(0x11), sealed, {point, generated + 1s}) != reference);
    CHECK(*qr::openHolderReference(key(0x11), sealed, {Bytes(33, 0x03), generated}) != reference);
}

TEST_CASE("codes of one holder are linked within an authorisation, by the key alone across them") {
    const auto issuer = *sim::CodeIssuer::create();
    const auto first = codeOf(issuer, 0s);
    const auto renewed = codeOf(issuer, 24h);
    const auto onAnotherPhone = codeOf(*sim::CodeIssuer::create(), 0s);
    const auto reference = qr::holderReference(key(0x11), number);
    for (const auto* code : {&first, &renewed, &onAnotherPhone}) {
        CHECK(code->sealedHolder != reference);
        CHECK(*code->openHolder(key(0x11)) == reference);
        CHECK(*code->openHolder(key(0x12)) != reference);
    }
    CHECK(first.sealedHolder != renewed.sealedHolder);
    CHECK(first.sealedHolder != onAnotherPhone.sealedHolder);
    CHECK(first.sealedHolder == codeOf(issuer, 0s).sealedHolder);
}
