// JT/T 1179-2018. The text of the standard was not at hand: the layout is the one that independent terminals
// share and under which a real code's issuer and user signatures verified (grade A); checks marked B or C
// rest on terminals' code.
#include "qr/transit_code.h"

#include "base/china_time.h"
#include "qr/checks.h"
#include "qr/field.h"

#include <algorithm>

namespace ykt::qr {
namespace {

using namespace std::chrono;

// -- the code
constexpr Field lengthField{1, 2}; // of what follows it
constexpr Field certificateField{3, 117};
constexpr Field paymentAccountField{120, 16};
constexpr Field cardAccountField{136, 10};
constexpr Field issuerField{146, 4};
constexpr Field platformField{150, 4};
constexpr std::size_t accountTypeAt = 154;
constexpr Field tripLimitField{155, 3};
constexpr Field userPointField{158, 33};
constexpr Field authorisedUntilField{191, 4};
constexpr Field validityField{195, 2};
constexpr std::size_t customSizeAt = 197;
constexpr std::size_t customAt = 198;
constexpr std::size_t longestCustom = 32;
// -- after the custom field: issuer signature, time of generation, user signature
constexpr std::size_t generatedSize = 4;
constexpr std::size_t signatureSize = 65; // a head, then r ‖ s
constexpr std::uint8_t signatureHead = 0x15;
constexpr std::size_t sizeWithoutCustom = customAt + signatureSize + generatedSize + signatureSize;

// -- the certificate, from its own start
constexpr std::size_t caIndexAt = 5;
constexpr Field certificateIssuerField{7, 4};
constexpr Field expiryField{11, 2}; // MMYY
constexpr Field serialField{13, 3};
constexpr Field issuerPointField{20, 33};
constexpr Field certifiedBytes{6, 47}; // what the CA signs, grade B
constexpr Field caSignatureField{53, 64};
constexpr ByteArray<5> certificateHead{0x24, 0x01, 0x01, 0x00, 0x00}; // record head, service id
constexpr std::size_t certificateFormatAt = 6;
constexpr std::uint8_t certificateFormat = 0x12;
constexpr Field algorithmsField{16, 4};
constexpr ByteArray<4> certificateAlgorithms{0x04, 0x04, 0x00, 0x21}; // SM2, SM2, no parameter, 33-byte key

// The three parts whose place depends on the custom field, in a payload of checked length.
struct Tail {
    explicit Tail(ByteView payload) {
        const std::size_t end = customAt + payload[customSizeAt];
        issuerSigned = slice(payload, {certificateField.at, end - certificateField.at});
        issuerSignature = slice(payload, {end, signatureSize});
        generated = slice(payload, {end + signatureSize, generatedSize});
        userSigned = payload.first(end + signatureSize + generatedSize);
        userSignature = slice(payload, {userSigned.size(), signatureSize});
    }
    ByteView issuerSigned, issuerSignature, generated, userSigned, userSignature;
};

Result<void> checkLengths(ByteView payload) {
    if (payload.size() < sizeWithoutCustom)
        return fail(Reason::malformed, "shorter than a transit code");
    const std::size_t customSize = payload[customSizeAt];
    if (customSize > longestCustom)
        return fail(Reason::malformed, "custom field above 32 bytes");
    if (payload.size() != sizeWithoutCustom + customSize)
        return fail(Reason::malformed, "total length does not fit the custom field");
    if (readBigEndian(slice(payload, lengthField)) != payload.size() - lengthField.at - lengthField.size)
        return fail(Reason::malformed, "length field");
    return {};
}

Result<void> parseCertificate(ByteView certificate, TransitCode& code) {
    if (!std::ranges::equal(certificate.first(certificateHead.size()), certificateHead) ||
        certificate[certificateFormatAt] != certificateFormat ||
        !std::ranges::equal(slice(certificate, algorithmsField), certificateAlgorithms))
        return fail(Reason::malformed, "fixed fields of the certificate");
    const auto expiry = decimalDigits(slice(certificate, expiryField));
    if (!expiry)
        return fail(Reason::malformed, "certificate expiry is not decimal");
    code.certificateExpiryMonth = std::stoi(expiry->substr(0, 2));
    code.certificateExpiryYear = 2000 + std::stoi(expiry->substr(2, 2));
    if (code.certificateExpiryMonth < 1 || code.certificateExpiryMonth > 12)
        return fail(Reason::malformed, "certificate expiry has no such month");
    code.caIndex = certificate[caIndexAt];
    code.certificateIssuer = copy(certificate, certificateIssuerField);
    code.certificateSerial = copy(certificate, serialField);
    code.issuerPoint = copy(certificate, issuerPointField);
    return {};
}

Result<void> parseAccounts(ByteView payload, TransitCode& code) {
    const auto payment = slice(payload, paymentAccountField);
    if (!std::ranges::all_of(payment, [](std::uint8_t c) { return c >= 0x20 && c <= 0x7E; }))
        return fail(Reason::malformed, "payment account is not ASCII");
    auto card = decimalDigits(slice(payload, cardAccountField));
    if (!card)
        return fail(Reason::malformed, "card account is not decimal");
    code.paymentAccount = PersonalData<std::string>(toText(payment));
    code.cardAccount = PersonalData<std::string>(std::move(*card));
    return {};
}

WallTime certificateEnd(const TransitCode& code) {
    const auto month = year{code.certificateExpiryYear} / code.certificateExpiryMonth;
    return sys_days{(month + months{1}) / 1}; // MMYY holds to the end of that month, UTC
}

SignatureChain chainOf(ByteView payload, const TransitCode& code) {
    const auto certificate = slice(payload, certificateField);
    const Tail tail(payload);
    const auto bytes = [](ByteView view) { return Bytes(view.begin(), view.end()); };
    return {.format = CodeFormat::transit_code,
            .caIndex = code.caIndex,
            .certificate = certificate,
            .issuerPoint = slice(certificate, issuerPointField),
            .userPoint = slice(payload, userPointField),
            .byAuthority = {copy(certificate, certifiedBytes), slice(certificate, caSignatureField)},
            .byIssuer = {bytes(tail.issuerSigned), tail.issuerSignature.subspan(1)},
            .byUser = {bytes(tail.userSigned), tail.userSignature.subspan(1)},
            .certificateEnd = certificateEnd(code),
            .authorisedUntil = code.authorisedUntil};
}

void correctLocalTimes(TransitCode& code, const TransitCodeSettings& settings) {
    const bool local = std::ranges::any_of(settings.localTimeIssuers, [&](const ByteArray<4>& issuer) {
        return std::ranges::equal(issuer, code.issuer);
    });
    if (!local)
        return;
    code.generated -= chinaOffset;
    code.authorisedUntil -= chinaOffset;
}

} // namespace

// Terminals dispatch on the high bit of the first byte (grade C); 0x81 is what real codes carry.
bool looksLikeTransitCode(ByteView payload) {
    return !payload.empty() && payload[0] >= 0x80;
}

Result<TransitCode> parseTransitCode(ByteView payload) {
    if (!looksLikeTransitCode(payload))
        return fail(Reason::malformed, "first byte");
    if (const auto lengths = checkLengths(payload); !lengths)
        return failWith(lengths);
    TransitCode code;
    if (const auto certificate = parseCertificate(slice(payload, certificateField), code); !certificate)
        return failWith(certificate);
    if (const auto accounts = parseAccounts(payload, code); !accounts)
        return failWith(accounts);
    const Tail tail(payload);
    if (tail.issuerSignature[0] != signatureHead || tail.userSignature[0] != signatureHead)
        return fail(Reason::malformed, "head of a signature");
    code.issuer = copy(payload, issuerField);
    code.platform = copy(payload, platformField);
    code.accountType = payload[accountTypeAt];
    code.tripLimitFen = static_cast<std::uint32_t>(readBigEndian(slice(payload, tripLimitField)));
    code.userPoint = copy(payload, userPointField);
    code.authorisedUntil = readUnixTime(slice(payload, authorisedUntilField));
    code.validity = seconds{readBigEndian(slice(payload, validityField))};
    code.custom = copy(payload, {customAt, payload[customSizeAt]});
    code.generated = readUnixTime(tail.generated);
    return code;
}

Result<SignatureChain> transitChain(ByteView payload) {
    const auto code = parseTransitCode(payload);
    if (!code)
        return failWith(code);
    return chainOf(payload, *code);
}

Result<TransitCode> verifyTransitCode(ByteView payload, const ChainVerifier& chains, WallTime now,
                                      std::uint32_t fareFen, const TransitCodeSettings& settings) {
    auto code = parseTransitCode(payload);
    if (!code)
        return code;
    if (code->validity > settings.longestValidity)
        return fail(Reason::malformed, "validity above the longest that is allowed");
    correctLocalTimes(*code, settings);
    if (const auto chain = chains.verify(chainOf(payload, *code), now); !chain)
        return failWith(chain);
    if (const auto times = checkTimes(code->generated, code->validity, settings.aheadOfTerminal, now); !times)
        return failWith(times);
    if (fareFen > code->tripLimitFen)
        return fail(Reason::over_limit);
    return code;
}

} // namespace ykt::qr
