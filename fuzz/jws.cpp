// Signed messages: whatever comes, nothing that the CA did not vouch for is believed.
#include "crypto/jws.h"
#include "fuzz/fuzz.h"

using namespace ykt;

namespace {

const auto at = wallFromUnixSeconds(1'800'000'000);

const std::string& ca() {
    static const std::string pem = [] {
        const auto key = *crypto::P256PrivateKey::generate();
        return *crypto::makeCertificate(
            {"CA", {}, at - std::chrono::hours{1}, at + std::chrono::hours{1}, true}, key.publicKey(), key,
            "CA");
    }();
    return pem;
}

} // namespace

YKT_FUZZ_TARGET(input) {
    const auto verified = crypto::verifyJws("ykt-transactions", toText(input), ca(), at);
    fuzz::hold(!verified && (verified.error() == Reason::input_malformed ||
                             verified.error() == Reason::certificate_invalid));
}
