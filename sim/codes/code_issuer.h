// The issuing side of the simulated world: a CA, an issuer and a holder's app, with keys made at start.
#pragma once

#include "base/time.h"
#include "crypto/sm2.h"
#include "qr/fusion_code.h"

#include <chrono>
#include <string>
#include <vector>

namespace ykt::sim {

// Nobody's account: digits that no clearing centre has issued.
struct TransitCodeSpec {
    std::string paymentAccount = "YKTSIM0000000001";  // 16 characters
    std::string cardAccount = "00000000000000000001"; // 20 digits
    std::uint8_t accountType = 1;
    std::uint32_t tripLimitFen = 1000; // at most 0xFFFFFF
    std::chrono::seconds validity{300};
    std::chrono::seconds authorisation{7 * 24 * 3600}; // from the time of generation
    Bytes custom;                                      // 0..32 bytes
    int certificateYear = 2099;                        // 2000..2099
    int certificateMonth = 12;
};

struct FusionCodeSpec {
    qr::FusionForm form = qr::FusionForm::offline;
    qr::HolderReference holderReference{0x59, 0x4b, 0x54}; // qr::holderReference(key, social security number)
    Secret programmeKey;                                   // that the reference is sealed under
    std::string regionCode = "640100";
    std::uint8_t holderClass = 0; // '1'..'4', or 0 if not told
    std::chrono::seconds validity{300};
    std::chrono::seconds authorisation{7 * 24 * 3600}; // from the time of generation, or from `authorised`
    std::optional<WallTime> authorised;                // when the app was last online; none: at generation
    std::chrono::seconds certificate{365 * 24 * 3600}; // from the time of generation
    std::string token = "YKTSIM0000000000";            // of the online form
};

class CodeIssuer {
  public:
    // Errors: crypto_failed.
    static Result<CodeIssuer> create();

    // Whole signed payloads. Errors: input_malformed (a spec that its format cannot carry), crypto_failed.
    [[nodiscard]] Result<Bytes> transitCode(const TransitCodeSpec& spec, WallTime generated) const;
    [[nodiscard]] Result<Bytes> fusionCode(const FusionCodeSpec& spec, WallTime generated) const;

    // What a terminal must trust, as a bulletin lists it and as the verifiers take it.
    [[nodiscard]] std::string anchorsBody() const; // of the bulletin "trust_anchors" (docs/bulletins.md)
    [[nodiscard]] qr::TrustAnchors anchors() const;

  private:
    Result<void> appendFusionAuthorisation(Bytes& code, const FusionCodeSpec& spec, WallTime generated) const;
    CodeIssuer(crypto::Sm2PrivateKey authority, crypto::Sm2PrivateKey issuer, crypto::Sm2PrivateKey user)
        : authority_(std::move(authority)), issuer_(std::move(issuer)), user_(std::move(user)) {}

    crypto::Sm2PrivateKey authority_;
    crypto::Sm2PrivateKey issuer_;
    crypto::Sm2PrivateKey user_;
};

// The payload with one bit of byte `at` (modulo its length) turned over: what a forger would get wrong.
Bytes tampered(ByteView payload, std::size_t at);

} // namespace ykt::sim
