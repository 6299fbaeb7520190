// Any payload: it is one kind, is refused or left to the online verifier, and its explanation tells no token.
#include "fuzz/fuzz.h"
#include "qr/explain.h"

using namespace ykt;

YKT_FUZZ_TARGET(input) {
    static const qr::CodeVerifier nobodyTrusted{qr::TrustAnchors{}};
    const auto kind = qr::recognise(input);
    fuzz::hold(!kind.name.empty());
    const auto evidence = nobodyTrusted.verify(input, WallTime{}, 0);
    if (evidence)
        fuzz::hold(kind.format && std::holds_alternative<qr::OnlineCode>(*evidence));
    else
        fuzz::hold(describe(evidence.error().reason).layer == Layer::code);
    fuzz::hold(kind.format.has_value() || evidence.error() == Reason::format_unknown);
    const auto explanation = qr::explainCode(input, nobodyTrusted, WallTime{}, 0);
    fuzz::hold(explanation.format == kind.name && explanation.verdict != "accept");
    fuzz::hold(kind.format.has_value() || (explanation.fields.empty() && explanation.signatures.empty()));
}
