// Who works out what a genuine card answers: the PSAM in a slot, or the issuer's HSM behind the upstream.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/block_cipher.h"

#include <optional>
#include <string>

namespace ykt::apdu::social_security {

using Proof = ByteArray<8>;

// What a proof is made from (LD/T 32 part 4): `original` enciphered under the session key that
// `processFactor` makes.
struct Challenge {
    ByteArray<8> processFactor{};
    ByteArray<8> original{};
};

// One card's proofs, asked for together: a remote HSM is a round trip away.
struct ProofRequest {
    crypto::BlockCipher cipher = crypto::BlockCipher::sm4;
    std::string cityCode;                // six digits of GB/T 2260; makes L2
    ByteArray<13> historical{};          // T1..TD of the ATR; T6..TD are L3
    Bytes cardIdentifier;                // tag 01, 16 bytes
    Challenge card;                      // the terminal's, for INTERNAL AUTHENTICATE
    std::optional<Challenge> terminal{}; // the card's, for EXTERNAL AUTHENTICATE; none: not needed
};

struct Proofs {
    Proof card{};
    std::optional<Proof> terminal{}; // if it was asked for
};

class ProofSource {
  public:
    virtual ~ProofSource() = default;
    // Errors: of a SAM sam_missing, sam_refused, sam_locked; of a remote HSM hsm_unreachable, hsm_timeout,
    // hsm_refused.
    virtual Result<Proofs> prove(const ProofRequest& request) = 0;
};

} // namespace ykt::apdu::social_security
