#include "offline_store/revocation.h"

#include "base/hex.h"
#include "crypto/digest.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ykt::offline_store {

namespace {

using nlohmann::json;

tl::unexpected<Error> malformed(const char* what) {
    return fail(Reason::bulletin_malformed, std::string("revocation: ") + what);
}

Result<RevocationKeys> keysOf(const json& object, const char* name) {
    const auto list = object.find(name);
    if (list == object.end() || !list->is_array())
        return malformed(name);
    RevocationKeys keys;
    keys.reserve(list->size());
    for (const auto& entry : *list) {
        const auto* text = entry.get_ptr<const std::string*>();
        const auto bytes =
            text && text->size() == 2 * revocationKeySize ? fromHex(*text) : Result<Bytes>(Bytes{});
        if (!bytes || bytes->size() != revocationKeySize)
            return malformed("an entry is not 32 hex characters");
        RevocationKey key{};
        std::copy_n(bytes->begin(), key.size(), key.begin());
        if (!keys.empty() && !(keys.back() < key))
            return malformed("entries are not strictly ascending");
        keys.push_back(key);
    }
    return keys;
}

std::optional<std::uint64_t> numberOf(const json& object, const char* name) {
    const auto field = object.find(name);
    if (field == object.end() || !field->is_number_unsigned())
        return std::nullopt;
    return field->get<std::uint64_t>();
}

Result<RevocationBody> parseFile(const json& file) {
    const auto bytes = numberOf(file, "bytes");
    const auto count = numberOf(file, "count");
    const auto digestText = file.find("sha256");
    const auto* text = digestText == file.end() ? nullptr : digestText->get_ptr<const std::string*>();
    const auto digest = text ? fromHex(*text) : Result<Bytes>(Bytes{});
    RevocationAttachment attachment;
    if (!bytes || !count || !digest || digest->size() != attachment.sha256.size())
        return malformed("file: sha256, bytes or count");
    if (*count == 0 || *count > mostRevoked || *bytes != *count * revocationKeySize)
        return malformed("file: bytes and count");
    std::copy(digest->begin(), digest->end(), attachment.sha256.begin());
    attachment.bytes = *bytes;
    return attachment;
}

Result<RevocationBody> parseDelta(const json& delta) {
    const auto base = numberOf(delta, "base");
    auto add = keysOf(delta, "add");
    auto remove = keysOf(delta, "remove");
    if (!base)
        return malformed("delta: base");
    if (!add)
        return failWith(add);
    if (!remove)
        return failWith(remove);
    RevocationKeys both;
    std::set_intersection(add->begin(), add->end(), remove->begin(), remove->end(), std::back_inserter(both));
    if (!both.empty())
        return malformed("delta: an entry is added and removed");
    return RevocationDelta{*base, std::move(*add), std::move(*remove)};
}

// (from without `out`) and `in`.
RevocationKeys changed(const RevocationKeys& from, const RevocationKeys& out, const RevocationKeys& in) {
    RevocationKeys left;
    std::set_difference(from.begin(), from.end(), out.begin(), out.end(), std::back_inserter(left));
    RevocationKeys result;
    result.reserve(left.size() + in.size());
    std::set_union(left.begin(), left.end(), in.begin(), in.end(), std::back_inserter(result));
    return result;
}

} // namespace

RevocationKey revocationKey(std::string_view medium, std::string_view id) {
    const Bytes zero{0};
    const auto digest =
        crypto::sha256(concat({asBytes("ykt-revocation"), zero, asBytes(medium), zero, asBytes(id)}));
    RevocationKey key{};
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
}

Result<RevocationBody> parseRevocationBody(std::string_view body) {
    const auto object = json::parse(body, nullptr, false);
    if (!object.is_object() || object.size() != 1)
        return malformed("one of entries, file and delta");
    const auto& name = object.begin().key();
    const auto& value = object.begin().value();
    if (name == "entries")
        return keysOf(object, "entries").map([](RevocationKeys&& keys) -> RevocationBody {
            return RevocationEntries{std::move(keys)};
        });
    if (name == "file" && value.is_object())
        return parseFile(value);
    if (name == "delta" && value.is_object())
        return parseDelta(value);
    return malformed("one of entries, file and delta");
}

Result<bool> RevocationList::contains(const RevocationKey& key) const {
    if (isAmong(overlay_.added, key))
        return true;
    if (!base_)
        return false;
    const auto listed = base_->contains(key);
    if (!listed || !*listed)
        return listed;
    return !isAmong(overlay_.removed, key);
}

// A key that is added may be in the file too, and one that is removed may not be: neither changes an answer.
RevocationList RevocationList::with(const RevocationDelta& delta) const {
    return {base_,
            {changed(overlay_.added, delta.remove, delta.add),
             changed(overlay_.removed, delta.add, delta.remove)}};
}

Result<RevocationKeys> RevocationList::keys() const {
    if (!base_)
        return overlay_.added;
    const auto inFile = base_->keys();
    if (!inFile)
        return failWith(inFile);
    return changed(*inFile, overlay_.removed, overlay_.added);
}

} // namespace ykt::offline_store
