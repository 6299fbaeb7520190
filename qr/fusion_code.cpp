// docs/fusion-code.md is this file's contract: table of bytes, what each signature covers, order of checks.
#include "qr/fusion_code.h"

#include "qr/checks.h"
#include "qr/field.h"

#include <algorithm>

namespace ykt::qr {
namespace {

constexpr ByteArray<3> magic{'N', 'X', 'F'};
constexpr std::size_t versionAt = 3;
constexpr std::uint8_t knownVersion = 2;
constexpr Field lengthField{4, 2}; // of the whole code
constexpr std::size_t formAt = 6;
constexpr std::size_t headSize = 7;
// -- certificate
constexpr std::size_t caIndexAt = 7;
constexpr Field certificateField{7, 110};
constexpr Field certificateIssuerField{8, 4};
constexpr Field certificateExpiryField{12, 4};
constexpr Field certificateSerialField{16, 4};
constexpr Field issuerPointField{20, 33};
constexpr Field caSignatureField{53, 64};
// -- authorisation
constexpr Field sealedHolderField{117, 16};
constexpr Field regionField{133, 3};
constexpr std::size_t holderClassAt = 136;
constexpr Field userPointField{137, 33};
constexpr Field authorisedUntilField{170, 4};
constexpr Field issuerSignatureField{174, 64};
// -- code
constexpr Field generatedField{238, 4};
constexpr Field validityField{242, 4};
constexpr Field userSignatureField{246, 64};
static_assert(userSignatureField.at + userSignatureField.size == fusionCodeSize);

Result<void> checkHead(ByteView payload) {
    if (!looksLikeFusionCode(payload))
        return fail(Reason::malformed, "magic");
    if (payload[versionAt] != knownVersion)
        return fail(Reason::malformed, "version");
    if (payload.size() < headSize || readBigEndian(slice(payload, lengthField)) != payload.size())
        return fail(Reason::malformed, "length");
    return {};
}

Result<void> checkSignedForm(ByteView payload) {
    if (const auto head = checkHead(payload); !head)
        return head;
    if (payload[formAt] != static_cast<std::uint8_t>(FusionForm::offline) &&
        payload[formAt] != static_cast<std::uint8_t>(FusionForm::emergency))
        return fail(Reason::malformed, "form");
    if (payload.size() != fusionCodeSize)
        return fail(Reason::malformed, "length");
    return {};
}

SignatureChain chainOf(ByteView payload, const FusionCode& code) {
    return {.format = CodeFormat::fusion_code,
            .caIndex = code.caIndex,
            .certificate = slice(payload, certificateField),
            .issuerPoint = slice(payload, issuerPointField),
            .userPoint = slice(payload, userPointField),
            .byAuthority = {fusionSignedBytes(payload, FusionSignature::certificate),
                            slice(payload, caSignatureField)},
            .byIssuer = {fusionSignedBytes(payload, FusionSignature::authorisation),
                         slice(payload, issuerSignatureField)},
            .byUser = {fusionSignedBytes(payload, FusionSignature::code), slice(payload, userSignatureField)},
            .certificateEnd = code.certificateExpiry,
            .authorisedUntil = code.authorisedUntil};
}

} // namespace

std::string_view nameOf(FusionForm form) {
    constexpr std::array<std::string_view, 3> names{"offline", "emergency", "online"};
    return names.at(static_cast<std::size_t>(form) - 1);
}

// A version is not printable, so that no printable token of another kind is claimed.
bool looksLikeFusionCode(ByteView payload) {
    return payload.size() > versionAt && std::ranges::equal(payload.first(magic.size()), magic) &&
           payload[versionAt] < 0x20;
}

bool looksLikeOnlineFusionCode(ByteView payload) {
    return looksLikeFusionCode(payload) && payload.size() >= headSize &&
           payload[formAt] == static_cast<std::uint8_t>(FusionForm::online);
}

Result<Secret> parseFusionToken(ByteView payload) {
    if (const auto head = checkHead(payload); !head)
        return failWith(head);
    if (!looksLikeOnlineFusionCode(payload))
        return fail(Reason::malformed, "form");
    const auto token = payload.subspan(headSize);
    if (token.size() < shortestFusionToken || token.size() > longestFusionToken || !isToken(token))
        return fail(Reason::malformed, "token");
    return Secret::copyOf(token);
}

Result<FusionCode> parseFusionCode(ByteView payload) {
    if (const auto form = checkSignedForm(payload); !form)
        return failWith(form);
    auto region = decimalDigits(slice(payload, regionField));
    if (!region)
        return fail(Reason::malformed, "region code is not decimal");
    const auto holderClass = payload[holderClassAt];
    if (holderClass != 0 && (holderClass < '1' || holderClass > '4'))
        return fail(Reason::malformed, "holder class");
    FusionCode code;
    code.form = static_cast<FusionForm>(payload[formAt]);
    code.caIndex = payload[caIndexAt];
    code.certificateIssuer = copy(payload, certificateIssuerField);
    code.certificateExpiry = readUnixTime(slice(payload, certificateExpiryField));
    code.certificateSerial = copy(payload, certificateSerialField);
    code.issuerPoint = copy(payload, issuerPointField);
    std::ranges::copy(slice(payload, sealedHolderField), code.sealedHolder.begin());
    code.regionCode = std::move(*region);
    code.holderClass = holderClass;
    code.userPoint = copy(payload, userPointField);
    code.authorisedUntil = readUnixTime(slice(payload, authorisedUntilField));
    code.generated = readUnixTime(slice(payload, generatedField));
    code.validity = std::chrono::seconds{readBigEndian(slice(payload, validityField))};
    return code;
}

Result<SignatureChain> fusionChain(ByteView payload) {
    const auto code = parseFusionCode(payload);
    if (!code)
        return failWith(code);
    return chainOf(payload, *code);
}

Result<FusionCode> verifyFusionCode(ByteView payload, const ChainVerifier& chains, WallTime now,
                                    const FusionCodeSettings& settings) {
    auto code = parseFusionCode(payload);
    if (!code)
        return code;
    const auto longest =
        code->form == FusionForm::emergency ? settings.longestEmergencyValidity : settings.longestValidity;
    if (code->validity > longest)
        return fail(Reason::malformed, "validity above the longest that is allowed");
    if (const auto chain = chains.verify(chainOf(payload, *code), now); !chain)
        return failWith(chain);
    if (const auto times = checkTimes(code->generated, code->validity, settings.aheadOfTerminal, now); !times)
        return failWith(times);
    return code;
}

Bytes fusionSignedBytes(ByteView payload, FusionSignature which) {
    struct Coverage {
        std::string_view label;
        std::size_t from, to;
    };
    constexpr std::array<Coverage, 3> coverages{{
        {"ykt-fusion-2 certificate", caIndexAt, caSignatureField.at},
        {"ykt-fusion-2 authorisation", caIndexAt, issuerSignatureField.at},
        {"ykt-fusion-2 code", 0, userSignatureField.at},
    }};
    const auto& coverage = coverages.at(static_cast<std::size_t>(which));
    if (payload.size() < coverage.to)
        return {};
    constexpr ByteArray<1> separator{0};
    return concat(
        {asBytes(coverage.label), separator, slice(payload, {coverage.from, coverage.to - coverage.from})});
}

} // namespace ykt::qr
