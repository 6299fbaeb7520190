// Requests for a certificate, as a back office gets them: the input is the DER within the PEM.
#include "crypto/signing_request.h"
#include "base/base64.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    const auto read = crypto::readSigningRequest("-----BEGIN CERTIFICATE REQUEST-----\n" + toBase64(input) +
                                                 "\n-----END CERTIFICATE REQUEST-----\n");
    fuzz::hold(read || read.error() == Reason::certificate_invalid);
}
