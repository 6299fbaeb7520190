// docs/fusion-code.md is this file's contract: table of bytes, what each signature covers, order of checks.
#include "qr/fusion_code.h"

#include "crypto/digest.h"
#include "qr/checks.h"
#include "qr/field.h"

#include <algorithm>

namespace ykt::qr {
namespace {

constexpr ByteArray<3> magic{'N', 'X', 'F'};
constexpr std::size_t versionAt = 3;
constexpr std::uint8_t knownVersion = 1;
constexpr Field lengthField{4, 2}; // of the whole code
// -- certificate
constexpr std::size_t caIndexAt = 6;
constexpr Field certificateIssuerField{7, 4};
constexpr Field certificateExpiryField{11, 4};
constexpr Field certificateSerialField{15, 4};
constexpr Field issuerPointField{19, 33};
constexpr Field caSignatureField{52, 64};
// -- authorisation
constexpr Field holderReferenceField{116, 16};
constexpr Field regionField{132, 3};
constexpr std::size_t holderClassAt = 135;
constexpr Field userPointField{136, 33};
constexpr Field authorisedUntilField{169, 4};
constexpr Field issuerSignatureField{173, 64};
// -- code
constexpr Field generatedField{237, 4};
constexpr Field validityField{241, 2};
constexpr Field userSignatureField{243, 64};
static_assert(userSignatureField.at + userSignatureField.size == fusionCodeSize);

Result<void> checkForm(ByteView payload) {
    if (!looksLikeFusionCode(payload))
        return fail(Reason::malformed, "magic");
    if (payload[versionAt] != knownVersion)
        return fail(Reason::malformed, "version");
    if (payload.size() != fusionCodeSize || readBigEndian(slice(payload, lengthField)) != fusionCodeSize)
        return fail(Reason::malformed, "length");
    return {};
}

Result<void> checkSignatures(ByteView payload, const FusionCode& code, const crypto::Sm2PublicKey& authority,
                             WallTime now) {
    const auto byAuthority =
        checkSignature(authority, fusionSignedBytes(payload, FusionSignature::certificate),
                       slice(payload, caSignatureField), Reason::bad_certificate, "CA signature");
    if (!byAuthority)
        return byAuthority;
    if (now >= code.certificateExpiry)
        return fail(Reason::certificate_expired);
    const auto byIssuer = checkSignature(
        code.issuerPoint, fusionSignedBytes(payload, FusionSignature::authorisation),
        slice(payload, issuerSignatureField), Reason::bad_issuer_signature, "issuer signature");
    if (!byIssuer)
        return byIssuer;
    if (now >= code.authorisedUntil)
        return fail(Reason::authorisation_expired);
    return checkSignature(code.userPoint, fusionSignedBytes(payload, FusionSignature::code),
                          slice(payload, userSignatureField), Reason::bad_user_signature, "user signature");
}

} // namespace

// A version is not printable, so that no printable token of another kind is claimed.
bool looksLikeFusionCode(ByteView payload) {
    return payload.size() > versionAt && std::ranges::equal(payload.first(magic.size()), magic) &&
           payload[versionAt] < 0x20;
}

Result<FusionCode> parseFusionCode(ByteView payload) {
    if (const auto form = checkForm(payload); !form)
        return failWith(form);
    auto region = decimalDigits(slice(payload, regionField));
    if (!region)
        return fail(Reason::malformed, "region code is not decimal");
    const auto holderClass = payload[holderClassAt];
    if (holderClass != 0 && (holderClass < '1' || holderClass > '4'))
        return fail(Reason::malformed, "holder class");
    FusionCode code;
    code.version = payload[versionAt];
    code.caIndex = payload[caIndexAt];
    code.certificateIssuer = copy(payload, certificateIssuerField);
    code.certificateExpiry = readUnixTime(slice(payload, certificateExpiryField));
    code.certificateSerial = copy(payload, certificateSerialField);
    code.issuerPoint = copy(payload, issuerPointField);
    std::ranges::copy(slice(payload, holderReferenceField), code.holderReference.begin());
    code.regionCode = std::move(*region);
    code.holderClass = holderClass;
    code.userPoint = copy(payload, userPointField);
    code.authorisedUntil = readUnixTime(slice(payload, authorisedUntilField));
    code.generated = readUnixTime(slice(payload, generatedField));
    code.validity = std::chrono::seconds{readBigEndian(slice(payload, validityField))};
    return code;
}

Result<FusionCode> verifyFusionCode(ByteView payload, const TrustAnchors& anchors, WallTime now,
                                    const FusionCodeSettings& settings) {
    auto code = parseFusionCode(payload);
    if (!code)
        return code;
    if (code->validity > settings.longestValidity)
        return fail(Reason::malformed, "validity above the longest that is allowed");
    const auto* authority = anchors.find(CodeFormat::fusion_code, code->caIndex);
    if (authority == nullptr)
        return fail(Reason::bad_certificate, "no CA key of index " + std::to_string(code->caIndex));
    if (const auto signatures = checkSignatures(payload, *code, *authority, now); !signatures)
        return failWith(signatures);
    if (const auto times = checkTimes(code->generated, code->validity, settings.aheadOfTerminal, now); !times)
        return failWith(times);
    return code;
}

ByteArray<16> holderReference(const Secret& programmeKey,
                              const PersonalData<std::string>& socialSecurityNumber) {
    const auto mac = crypto::hmacSm3(programmeKey, asBytes(socialSecurityNumber.reveal()));
    ByteArray<16> reference{};
    std::copy_n(mac.begin(), reference.size(), reference.begin());
    return reference;
}

Bytes fusionSignedBytes(ByteView payload, FusionSignature which) {
    struct Coverage {
        std::string_view label;
        std::size_t from, to;
    };
    constexpr std::array<Coverage, 3> coverages{{
        {"ykt-fusion-1 certificate", caIndexAt, caSignatureField.at},
        {"ykt-fusion-1 authorisation", caIndexAt, issuerSignatureField.at},
        {"ykt-fusion-1 code", 0, userSignatureField.at},
    }};
    const auto& coverage = coverages.at(static_cast<std::size_t>(which));
    if (payload.size() < coverage.to)
        return {};
    constexpr ByteArray<1> separator{0};
    return concat(
        {asBytes(coverage.label), separator, slice(payload, {coverage.from, coverage.to - coverage.from})});
}

} // namespace ykt::qr
