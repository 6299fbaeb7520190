#include "sim/codes/code_issuer.h"

#include "base/hex.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace ykt::sim {
namespace {

constexpr std::uint8_t caIndex = 0xFE; // no clearing centre uses it
constexpr std::array anchoredFormats{qr::CodeFormat::transit_code, qr::CodeFormat::fusion_code};
constexpr ByteArray<4> issuerId{0x99, 0x99, 0x00, 0x01};
constexpr ByteArray<4> platformId{0x99, 0x99, 0x00, 0x02};
constexpr ByteArray<3> transitSerial{0x00, 0x00, 0x01};
constexpr ByteArray<4> fusionSerial{0x00, 0x00, 0x00, 0x01};

void append(Bytes& out, ByteView part) {
    out.insert(out.end(), part.begin(), part.end());
}

void appendUnixTime(Bytes& out, WallTime time) {
    appendBigEndian(out, static_cast<std::uint64_t>(unixSeconds(time)), 4);
}

Result<void> appendSignature(Bytes& out, const crypto::Sm2PrivateKey& key, ByteView message) {
    const auto signature = key.sign(message);
    if (!signature)
        return failWith(signature);
    append(out, *signature);
    return {};
}

Result<void> appendFusionSignature(Bytes& out, const crypto::Sm2PrivateKey& key, qr::FusionSignature which) {
    return appendSignature(out, key, qr::fusionSignedBytes(out, which));
}

bool isDecimal(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Two digits a byte; the text is decimal and of even length.
Bytes toBcd(std::string_view digits) {
    Bytes bcd;
    for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
        bcd.push_back(static_cast<std::uint8_t>((digits[at] - '0') << 4 | (digits[at + 1] - '0')));
    return bcd;
}

bool fitsTwoBytes(std::chrono::seconds validity) {
    return validity.count() >= 0 && validity.count() <= 0xFFFF;
}

bool isEncodable(const TransitCodeSpec& spec) {
    return spec.paymentAccount.size() == 16 && spec.cardAccount.size() == 20 && isDecimal(spec.cardAccount) &&
           spec.tripLimitFen <= 0xFFFFFF && fitsTwoBytes(spec.validity) && spec.custom.size() <= 32 &&
           spec.certificateYear >= 2000 && spec.certificateYear <= 2099 && spec.certificateMonth >= 1 &&
           spec.certificateMonth <= 12;
}

bool isEncodable(const FusionCodeSpec& spec) {
    return spec.regionCode.size() == 6 && isDecimal(spec.regionCode) && spec.validity.count() >= 0 &&
           spec.validity.count() <= 0xFFFFFFFF && spec.token.size() <= qr::longestFusionToken &&
           (spec.holderClass == 0 || (spec.holderClass >= '1' && spec.holderClass <= '4'));
}

std::uint8_t bcd(int value) {
    return static_cast<std::uint8_t>(value / 10 << 4 | value % 10);
}

// The 117 bytes of JT/T 1179; the CA signs from the format byte on.
Result<Bytes> transitCertificate(const TransitCodeSpec& spec, const crypto::Sm2PrivateKey& authority,
                                 const crypto::Sm2PublicKey& issuer) {
    Bytes certificate{0x24, 0x01, 0x01, 0x00, 0x00, caIndex, 0x12};
    append(certificate, issuerId);
    append(certificate, Bytes{bcd(spec.certificateMonth), bcd(spec.certificateYear - 2000)});
    append(certificate, transitSerial);
    append(certificate, Bytes{0x04, 0x04, 0x00, 0x21});
    append(certificate, issuer.compressed());
    if (const auto done = appendSignature(certificate, authority, ByteView(certificate).subspan(6)); !done)
        return failWith(done);
    return certificate;
}

} // namespace

Result<CodeIssuer> CodeIssuer::create() {
    auto authority = crypto::Sm2PrivateKey::generate();
    auto issuer = crypto::Sm2PrivateKey::generate();
    auto user = crypto::Sm2PrivateKey::generate();
    for (const auto* key : {&authority, &issuer, &user})
        if (!*key)
            return failWith(*key);
    return CodeIssuer(std::move(*authority), std::move(*issuer), std::move(*user));
}

Result<Bytes> CodeIssuer::transitCode(const TransitCodeSpec& spec, WallTime generated) const {
    if (!isEncodable(spec))
        return fail(Reason::input_malformed, "transit code specification");
    const auto certificate = transitCertificate(spec, authority_, issuer_.publicKey());
    if (!certificate)
        return certificate;
    constexpr std::size_t sizeWithoutCustom = 332;
    Bytes code{0x81};
    appendBigEndian(code, sizeWithoutCustom + spec.custom.size() - 3, 2);
    append(code, *certificate);
    append(code, asBytes(spec.paymentAccount));
    append(code, toBcd(spec.cardAccount));
    append(code, issuerId);
    append(code, platformId);
    code.push_back(spec.accountType);
    appendBigEndian(code, spec.tripLimitFen, 3);
    append(code, user_.publicKey().compressed());
    appendUnixTime(code, generated + spec.authorisation);
    appendBigEndian(code, static_cast<std::uint64_t>(spec.validity.count()), 2);
    code.push_back(static_cast<std::uint8_t>(spec.custom.size()));
    append(code, spec.custom);
    const Bytes issuerSigned(code.begin() + 3, code.end());
    code.push_back(0x15);
    if (const auto done = appendSignature(code, issuer_, issuerSigned); !done)
        return failWith(done);
    appendUnixTime(code, generated);
    const Bytes userSigned = code;
    code.push_back(0x15);
    if (const auto done = appendSignature(code, user_, userSigned); !done)
        return failWith(done);
    return code;
}

Result<Bytes> CodeIssuer::fusionCode(const FusionCodeSpec& spec, WallTime generated) const {
    if (!isEncodable(spec))
        return fail(Reason::input_malformed, "fusion code specification");
    const bool online = spec.form == qr::FusionForm::online;
    Bytes code{'N', 'X', 'F', 2};
    appendBigEndian(code, online ? code.size() + 3 + spec.token.size() : qr::fusionCodeSize, 2);
    code.push_back(static_cast<std::uint8_t>(spec.form));
    if (online) {
        append(code, asBytes(spec.token));
        return code;
    }
    if (const auto done = appendFusionAuthorisation(code, spec, generated); !done)
        return failWith(done);
    appendUnixTime(code, generated);
    appendBigEndian(code, static_cast<std::uint64_t>(spec.validity.count()), 4);
    if (const auto done = appendFusionSignature(code, user_, qr::FusionSignature::code); !done)
        return failWith(done);
    return code;
}

// The certificate and what the issuer says of the holder and the user key.
Result<void> CodeIssuer::appendFusionAuthorisation(Bytes& code, const FusionCodeSpec& spec,
                                                   WallTime generated) const {
    code.push_back(caIndex);
    append(code, issuerId);
    appendUnixTime(code, generated + spec.certificate);
    append(code, fusionSerial);
    append(code, issuer_.publicKey().compressed());
    if (const auto done = appendFusionSignature(code, authority_, qr::FusionSignature::certificate); !done)
        return done;
    const auto userPoint = user_.publicKey().compressed();
    const auto authorisedUntil = spec.authorised.value_or(generated) + spec.authorisation;
    const auto sealed = qr::sealHolderReference(spec.programmeKey, spec.holderReference,
                                                {ByteView(userPoint), authorisedUntil});
    if (!sealed)
        return failWith(sealed);
    append(code, *sealed);
    append(code, toBcd(spec.regionCode));
    code.push_back(spec.holderClass);
    append(code, userPoint);
    appendUnixTime(code, authorisedUntil);
    return appendFusionSignature(code, issuer_, qr::FusionSignature::authorisation);
}

std::string CodeIssuer::anchorsBody() const {
    nlohmann::json body{{"ca_keys", nlohmann::json::array()}};
    for (const auto format : anchoredFormats)
        body["ca_keys"].push_back({{"format", qr::nameOf(format)},
                                   {"index", toHex(Bytes{caIndex})},
                                   {"public_key", toHex(authority_.publicKey().uncompressed())}});
    return body.dump();
}

qr::TrustAnchors CodeIssuer::anchors() const {
    qr::TrustAnchors anchors;
    for (const auto format : anchoredFormats)
        anchors.add(format, caIndex, {authority_.publicKey(), {}, {}});
    return anchors;
}

Bytes tampered(ByteView payload, std::size_t at) {
    Bytes changed(payload.begin(), payload.end());
    if (!changed.empty())
        changed[at % changed.size()] ^= 1;
    return changed;
}

} // namespace ykt::sim
