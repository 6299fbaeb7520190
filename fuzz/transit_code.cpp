// Transit codes: whatever the bytes, they are refused with a reason of codes, and what parses has the fields
// that the checks rely on.
#include "qr/transit_code.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    static const qr::ChainVerifier nobodyTrusted{qr::TrustAnchors{}};
    const auto verified = qr::verifyTransitCode(input, nobodyTrusted, WallTime{}, 0);
    fuzz::hold(!verified && describe(verified.error().reason).layer == Layer::code);
    const auto code = qr::parseTransitCode(input);
    const auto chain = qr::transitChain(input);
    fuzz::hold(code.has_value() == chain.has_value());
    if (!code)
        return;
    fuzz::hold(code->custom.size() <= 32 && code->issuerPoint.size() == 33 && code->userPoint.size() == 33);
    fuzz::hold(code->certificateExpiryMonth >= 1 && code->certificateExpiryMonth <= 12);
    fuzz::hold(code->paymentAccount.reveal().size() == 16 && code->cardAccount.reveal().size() == 20);
    fuzz::hold(chain->byUser.message.size() + 65 == input.size() && chain->byUser.signature.size() == 64);
}
