#include "firmware/identity/trust_anchors.h"

#include "base/hex.h"

#include <nlohmann/json.hpp>

namespace ykt::firmware::identity {
namespace {

using nlohmann::json;
using qr::CodeFormat;

std::string textOf(const json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

Result<void> addKey(qr::TrustAnchors& anchors, const json& entry, const std::string& path) {
    const auto index = fromHex(textOf(entry, "index"));
    if (!index || index->size() != 1)
        return fail(Reason::bulletin_malformed, path + ".index");
    const auto point = fromHex(textOf(entry, "public_key"));
    auto key = point ? crypto::Sm2PublicKey::fromPoint(*point) : fail(Reason::key_invalid);
    if (!key)
        return fail(Reason::bulletin_malformed, path + ".public_key");
    const bool everyFormat = !entry.contains("format");
    bool known = everyFormat;
    for (const auto format : {CodeFormat::transit_code, CodeFormat::fusion_code}) {
        if (everyFormat || textOf(entry, "format") == qr::nameOf(format)) {
            anchors.add(format, index->front(), {*key, {}, {}});
            known = true;
        }
    }
    return known ? Result<void>{} : fail(Reason::bulletin_malformed, path + ".format");
}

} // namespace

Result<qr::TrustAnchors> parseTrustAnchors(std::string_view text) {
    const auto document = json::parse(text, nullptr, false);
    if (!document.is_object() || !document.contains("ca_keys") || !document["ca_keys"].is_array())
        return fail(Reason::bulletin_malformed, "ca_keys: a list of keys is expected");
    qr::TrustAnchors anchors;
    std::size_t position = 0;
    for (const auto& entry : document["ca_keys"]) {
        const auto path = "ca_keys[" + std::to_string(position++) + "]";
        if (!entry.is_object())
            return fail(Reason::bulletin_malformed, path);
        if (const auto added = addKey(anchors, entry, path); !added)
            return failWith(added);
    }
    return anchors;
}

} // namespace ykt::firmware::identity
