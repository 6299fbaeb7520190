// Fusion codes of every form: one parser or none takes them, and none is accepted without a trust anchor.
#include "qr/fusion_code.h"
#include "fuzz/fuzz.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    static const qr::ChainVerifier nobodyTrusted{qr::TrustAnchors{}};
    const auto verified = qr::verifyFusionCode(input, nobodyTrusted, WallTime{});
    fuzz::hold(!verified && describe(verified.error().reason).layer == Layer::code);
    const auto code = qr::parseFusionCode(input);
    const auto token = qr::parseFusionToken(input);
    fuzz::hold(!code || !token);
    fuzz::hold(token.has_value() <= qr::looksLikeOnlineFusionCode(input));
    if (token)
        fuzz::hold(token->size() >= qr::shortestFusionToken && token->size() <= qr::longestFusionToken);
    const auto chain = qr::fusionChain(input);
    fuzz::hold(code.has_value() == chain.has_value());
    if (!code)
        return;
    fuzz::hold(code->regionCode.size() == 6 && code->form != qr::FusionForm::online);
    fuzz::hold(chain->certificate.size() == 110 && chain->byUser.signature.size() == 64);
}
