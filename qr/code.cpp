#include "qr/code.h"

#include "qr/checks.h"
#include "qr/foreign_codes.h"

namespace ykt::qr {
namespace {

// Electronic card codes are shown as bar code and QR alike, so they are short and printable (grade C: their
// format is not published). The bounds keep what is shorter or longer from the online verifier.
constexpr std::size_t shortestToken = 16;
constexpr std::size_t longestToken = 256;

bool looksLikeElectronicCardCode(ByteView payload) {
    return payload.size() >= shortestToken && payload.size() <= longestToken && isToken(payload);
}

PayloadKind ours(CodeFormat format) {
    return {format, nameOf(format)};
}

Result<CodeEvidence> verifyFusion(ByteView payload, const ChainVerifier& chains, WallTime now,
                                  const FusionCodeSettings& settings) {
    if (!looksLikeOnlineFusionCode(payload))
        return verifyFusionCode(payload, chains, now, settings);
    auto token = parseFusionToken(payload);
    if (!token)
        return failWith(token);
    return OnlineCode{CodeFormat::fusion_code, std::move(*token)};
}

} // namespace

// An electronic card code is whatever short printable text no other row claims, so it comes last: a payment
// code must never reach its verifier.
PayloadKind recognise(ByteView payload) {
    if (looksLikeFusionCode(payload))
        return ours(CodeFormat::fusion_code);
    if (const auto foreign = foreignCode(payload); !foreign.empty())
        return {std::nullopt, foreign};
    if (looksLikeTransitCode(payload))
        return ours(CodeFormat::transit_code);
    if (looksLikeElectronicCardCode(payload))
        return ours(CodeFormat::electronic_card_code);
    return {std::nullopt, "unknown"};
}

Result<CodeEvidence> CodeVerifier::verify(ByteView payload, WallTime now, std::uint32_t fareFen) const {
    const auto kind = recognise(payload);
    if (!kind.format)
        return fail(Reason::format_unknown, std::string{kind.name});
    switch (*kind.format) {
    case CodeFormat::transit_code:
        return verifyTransitCode(payload, chains_, now, fareFen, settings_.transit);
    case CodeFormat::fusion_code:
        return verifyFusion(payload, chains_, now, settings_.fusion);
    case CodeFormat::electronic_card_code:
        return OnlineCode{CodeFormat::electronic_card_code, Secret::copyOf(payload)};
    }
    return fail(Reason::format_unknown);
}

} // namespace ykt::qr
