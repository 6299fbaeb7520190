#include "sim/bulletins.h"

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/digest.h"

#include <nlohmann/json.hpp>

namespace ykt::sim {

Result<BulletinPublisher> BulletinPublisher::create() {
    return crypto::Sm2PrivateKey::generate().map(
        [](crypto::Sm2PrivateKey&& key) { return BulletinPublisher(std::move(key)); });
}

Result<Bytes> BulletinPublisher::publish(const std::string& kind, std::uint64_t version, WallTime notBefore,
                                         WallTime notAfter, const std::string& bodyJson) const {
    const auto body = nlohmann::json::parse(bodyJson, nullptr, false);
    if (!body.is_object())
        return fail(Reason::input_malformed, "the body of a bulletin is not a JSON object");
    const auto content = nlohmann::json{
        {"kind", kind},
        {"version", version},
        {"not_before", unixSeconds(notBefore)},
        {"not_after", unixSeconds(notAfter)},
        {"body", body}}.dump();
    const auto signature = key_.sign(asBytes(content));
    if (!signature)
        return failWith(signature);
    return toBytes(
        nlohmann::json{{"content", toBase64(asBytes(content))}, {"signature", toHex(*signature)}}.dump());
}

std::string revocationEntry(std::string_view medium, std::string_view id) {
    std::string text("ykt-revocation");
    text += '\0';
    text += medium;
    text += '\0';
    text += id;
    return toHex(crypto::sha256(asBytes(text))).substr(0, 32);
}

} // namespace ykt::sim
