#include "firmware/identity/trust_anchors.h"

#include "base/hex.h"
#include "firmware/json/json_object.h"

namespace ykt::firmware::identity {
namespace {

using qr::CodeFormat;

constexpr std::int64_t lastTime = 0xFFFFFFFF; // seconds since 1970, as codes write them

std::optional<std::uint8_t> oneByte(std::string_view hex) {
    const auto bytes = fromHex(hex);
    return bytes && bytes->size() == 1 ? std::optional(bytes->front()) : std::nullopt;
}

std::optional<crypto::Sm2PublicKey> point(std::string_view hex) {
    const auto bytes = fromHex(hex);
    auto key = bytes ? crypto::Sm2PublicKey::fromPoint(*bytes) : fail(Reason::key_invalid);
    return key ? std::optional(std::move(*key)) : std::nullopt;
}

std::optional<CodeFormat> signedFormat(std::string_view name) {
    for (const auto format : {CodeFormat::transit_code, CodeFormat::fusion_code})
        if (name == qr::nameOf(format))
            return format;
    return std::nullopt;
}

std::optional<WallTime> timeOf(JsonObject& entry, const std::string& key) {
    return entry.has(key) ? std::optional(wallFromUnixSeconds(entry.integer(key, 0, lastTime)))
                          : std::nullopt;
}

void addKey(qr::TrustAnchors& anchors, JsonObject entry) {
    const auto index = entry.name("index", oneByte);
    const auto publicKey = entry.name("public_key", point);
    const qr::CaKey key{publicKey, timeOf(entry, "not_before"), timeOf(entry, "not_after")};
    if (key.notBefore && key.notAfter && *key.notBefore >= *key.notAfter)
        entry.refuse("not_after", "not later than not_before");
    if (entry.has("format")) {
        anchors.add(entry.name("format", signedFormat), index, key);
    } else {
        anchors.add(CodeFormat::transit_code, index, key);
        anchors.add(CodeFormat::fusion_code, index, key);
    }
    entry.close();
}

} // namespace

Result<qr::TrustAnchors> parseTrustAnchors(std::string_view text) {
    try {
        const auto document = parseJson(text);
        JsonObject root{document, ""};
        qr::TrustAnchors anchors;
        for (auto& entry : root.objects("ca_keys"))
            addKey(anchors, std::move(entry));
        root.close();
        return anchors;
    } catch (const JsonRefused& refused) {
        return fail(Reason::bulletin_malformed, "trust_anchors: " + refused.what);
    }
}

} // namespace ykt::firmware::identity
