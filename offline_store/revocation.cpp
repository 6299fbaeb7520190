#include "offline_store/revocation.h"

#include "base/hex.h"
#include "crypto/digest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

RevocationKey revocationKey(std::string_view medium, std::string_view id) {
    const Bytes zero{0};
    const auto digest =
        crypto::sha256(concat({asBytes("ykt-revocation"), zero, asBytes(medium), zero, asBytes(id)}));
    RevocationKey key{};
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

Result<RevocationList> RevocationList::parse(std::string_view body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object() || !json.contains("entries") || !json["entries"].is_array())
        return fail(Reason::bulletin_malformed, "revocation: entries");
    RevocationList list;
    list.keys_.reserve(json["entries"].size());
    for (const auto& entry : json["entries"]) {
        const auto* text = entry.get_ptr<const std::string*>();
        const auto bytes =
            text && text->size() == 2 * RevocationKey{}.size() ? fromHex(*text) : Result<Bytes>(Bytes{});
        if (!bytes || bytes->size() != RevocationKey{}.size())
            return fail(Reason::bulletin_malformed, "revocation: an entry is not 32 hex characters");
        RevocationKey key{};
        std::copy_n(bytes->begin(), key.size(), key.begin());
        if (!list.keys_.empty() && !(list.keys_.back() < key))
            return fail(Reason::bulletin_malformed, "revocation: entries are not strictly ascending");
        list.keys_.push_back(key);
    }
    return list;
}

bool RevocationList::contains(const RevocationKey& key) const {
    return std::binary_search(keys_.begin(), keys_.end(), key);
}

} // namespace ykt::offline_store
