// Which format a payload is of, and whether it holds.
#pragma once

#include "qr/fusion_code.h"
#include "qr/transit_code.h"

#include <variant>

namespace ykt::qr {

// An electronic card code, or a fusion code of the online form: proves nothing until the online verifier has
// said so.
struct OnlineCode {
    CodeFormat format = CodeFormat::electronic_card_code;
    Secret token; // printable characters without spaces: 16 to 256, of a fusion code 16 to 64
};

using CodeEvidence = std::variant<TransitCode, FusionCode, OnlineCode>;

struct PayloadKind {
    std::optional<CodeFormat> format; // none: not of this programme
    std::string_view name;            // of the format or of the foreign one; "unknown" where none claims it
};

// By shape only.
PayloadKind recognise(ByteView payload);

struct CodeSettings {
    TransitCodeSettings transit;
    FusionCodeSettings fusion;
};

// One for each set of trust anchors: what it remembers was proved by these.
class CodeVerifier {
  public:
    explicit CodeVerifier(TrustAnchors anchors, CodeSettings settings = {})
        : chains_(std::move(anchors)), settings_(std::move(settings)) {}

    // Any thread. Errors: format_unknown (its context names what the payload is instead, never what it says),
    // and those of the format.
    [[nodiscard]] Result<CodeEvidence> verify(ByteView payload, WallTime now, std::uint32_t fareFen) const;

    [[nodiscard]] const ChainVerifier& chains() const { return chains_; }
    [[nodiscard]] const TrustAnchors& anchors() const { return chains_.anchors(); }

  private:
    ChainVerifier chains_;
    CodeSettings settings_;
};

} // namespace ykt::qr
