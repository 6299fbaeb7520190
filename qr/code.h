// One table of payload formats, each with its own recogniser.
#pragma once

#include "qr/fusion_code.h"
#include "qr/transit_code.h"

#include <variant>

namespace ykt::qr {

// Recognised by shape only (standards: ESSC codes are opaque printable tokens); decided by an online
// verifier.
struct ElectronicCardCode {
    Secret token;
};

using CodeEvidence = std::variant<TransitCode, FusionCode, ElectronicCardCode>;

// nullopt: no format claims the payload.
std::optional<CodeFormat> recognise(ByteView payload);

// Recognises and verifies. Errors: format_unknown, and those of the format. An electronic card code is
// returned unverified: it is evidence of nothing but having been presented.
Result<CodeEvidence> verifyCode(ByteView payload, const TrustAnchors& anchors, WallTime now,
                                std::uint32_t fareFen);

} // namespace ykt::qr
