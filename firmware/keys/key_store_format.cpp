#include "firmware/keys/key_store_format.h"

#include "firmware/json/json_object.h"

namespace ykt::firmware::keys {

using nlohmann::json;

namespace {

constexpr int version = 1;
constexpr std::int64_t mostNumber = 1'000'000;

KeyStoreContent read(std::string_view text) {
    const auto whole = parseJson(text);
    JsonObject object(whole, "");
    object.integer("version", version, version);
    KeyStoreContent content;
    (void)object.object("kek"); // KeyEncryption reads it
    content.kek = whole["kek"];
    for (auto& key : object.objects("data_keys")) {
        content.dataKeys.push_back({static_cast<std::uint32_t>(key.integer("number", 1, mostNumber)),
                                    key.text("made"), key.text("wrapped")});
        key.close();
    }
    for (auto& identity : object.objects("identities")) {
        content.identities.push_back({identity.text("certificate"), identity.text("wrapped")});
        identity.close();
    }
    object.close();
    return content;
}

} // namespace

Result<KeyStoreContent> parseKeyStore(std::string_view text) {
    try {
        return read(text);
    } catch (const JsonRefused& refused) {
        return fail(Reason::key_store_failed, refused.what);
    }
}

std::string formatKeyStore(const KeyStoreContent& content) {
    json whole{{"version", version},
               {"kek", content.kek},
               {"data_keys", json::array()},
               {"identities", json::array()}};
    for (const auto& key : content.dataKeys)
        whole["data_keys"].push_back({{"number", key.number}, {"made", key.made}, {"wrapped", key.wrapped}});
    for (const auto& identity : content.identities)
        whole["identities"].push_back(
            {{"certificate", identity.certificatePem}, {"wrapped", identity.wrapped}});
    return whole.dump(2) + "\n";
}

} // namespace ykt::firmware::keys
