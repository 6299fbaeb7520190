#include "qr/code.h"

#include <algorithm>

namespace ykt::qr {
namespace {

// Electronic card codes are shown as bar code and QR alike, so they are short, printable and not web
// addresses (grade C: their format is not published). The bounds keep what is shorter or longer from the
// online verifier.
constexpr std::size_t shortestToken = 16;
constexpr std::size_t longestToken = 256;

bool looksLikeElectronicCardCode(ByteView payload) {
    return payload.size() >= shortestToken && payload.size() <= longestToken &&
           std::ranges::all_of(payload, [](std::uint8_t c) { return c > 0x20 && c < 0x7F; }) &&
           toText(payload).find("://") == std::string::npos;
}

} // namespace

// No payload fits two rows: the first byte of a transit code is not ASCII, and the version byte of a fusion
// code is not printable, which tokens are throughout.
std::optional<CodeFormat> recognise(ByteView payload) {
    if (looksLikeTransitCode(payload))
        return CodeFormat::transit_code;
    if (looksLikeFusionCode(payload))
        return CodeFormat::fusion_code;
    if (looksLikeElectronicCardCode(payload))
        return CodeFormat::electronic_card_code;
    return std::nullopt;
}

Result<CodeEvidence> verifyCode(ByteView payload, const TrustAnchors& anchors, WallTime now,
                                std::uint32_t fareFen) {
    const auto format = recognise(payload);
    if (!format)
        return fail(Reason::format_unknown);
    switch (*format) {
    case CodeFormat::transit_code:
        return verifyTransitCode(payload, anchors, now, fareFen);
    case CodeFormat::fusion_code:
        return verifyFusionCode(payload, anchors, now);
    case CodeFormat::electronic_card_code:
        return ElectronicCardCode{Secret::copyOf(payload)};
    }
    return fail(Reason::format_unknown);
}

} // namespace ykt::qr
