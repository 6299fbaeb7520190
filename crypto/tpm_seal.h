// A secret that only this machine's TPM 2.0 gives back: sealed under the storage primary key, which the TPM
// makes anew from its own seed each time, so that nothing has to be kept inside the TPM.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

#include <string>

namespace ykt::crypto {

// TPM2B_PUBLIC and TPM2B_PRIVATE as the TPM gave them: of use to this TPM only.
struct TpmSealed {
    Bytes publicPart;
    Bytes privatePart;
};

// `tcti` is where the TPM is, in tpm2-tss's words: "device:/dev/tpmrm0", "swtpm:path=/run/swtpm.sock". The
// secret (at most 128 bytes) goes to the TPM and back under a session that encrypts it, so that a probe on
// the bus does not see it. A TPM that does not answer is waited for as long as its driver waits.
// Errors: key_store_failed (no TPM, another TPM than the one that sealed, its owner's hierarchy is locked).
Result<TpmSealed> tpmSeal(const std::string& tcti, const Secret& secret);
Result<Secret> tpmUnseal(const std::string& tcti, const TpmSealed& sealed);

} // namespace ykt::crypto
