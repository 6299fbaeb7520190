// POST /v1/hsm/proofs of docs/back-office-api.md, read and written without the terminal's code.
#pragma once

#include "apdu/social_security/proofs.h"

#include <functional>

namespace ykt::sim {

// What the issuer's HSM works out. Any thread may call it.
using HsmProve =
    std::function<Result<apdu::social_security::Proofs>(const apdu::social_security::ProofRequest& request)>;

// Errors: input_malformed.
Result<apdu::social_security::ProofRequest> parseProofRequest(std::string_view body);

std::string formatProofs(const apdu::social_security::Proofs& proofs);

} // namespace ykt::sim
