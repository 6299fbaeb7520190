#include "firmware/keys/key_encryption.h"

#include "base/base64.h"
#include "crypto/aead.h"
#include "crypto/passphrase.h"
#include "crypto/random.h"
#include "crypto/tpm_seal.h"
#include "firmware/json/json_object.h"

namespace ykt::firmware::keys {

namespace {

using nlohmann::json;

constexpr std::string_view checkName = "kek"; // a wrapping of nothing shows that a KEK is the right one
constexpr std::size_t saltSize = 16;

Bytes boundTo(std::string_view name) {
    return toBytes("ykt-keys-1 " + std::string(name));
}

Bytes bytesAt(JsonObject& object, const std::string& key) {
    auto bytes = fromBase64(object.text(key));
    if (!bytes)
        object.refuse(key, "not base64");
    return std::move(*bytes);
}

Result<Secret> derive(const KekPassphrase& passphrase, ByteView salt, const crypto::ScryptCost& cost) {
    auto key = crypto::keyFromPassphrase(passphrase.words, salt, cost);
    if (!key)
        return fail(Reason::key_store_failed, "passphrase: " + key.error().context);
    return key;
}

// The key of a new KEK; what is needed to get it again goes into `description`.
Result<Secret> makeKey(const KekFile& file, json&) {
    return file.key.clone();
}
Result<Secret> makeKey(const KekTpm& tpm, json& description) {
    auto key = crypto::randomSecret(crypto::aeadKeySize);
    if (!key)
        return key;
    const auto sealed = crypto::tpmSeal(tpm.tcti, *key);
    if (!sealed)
        return failWith(sealed);
    description["public"] = toBase64(sealed->publicPart);
    description["private"] = toBase64(sealed->privatePart);
    return key;
}
Result<Secret> makeKey(const KekPassphrase& passphrase, json& description) {
    const auto salt = crypto::randomBytes(saltSize);
    if (!salt)
        return failWith(salt);
    const crypto::ScryptCost cost;
    description["salt"] = toBase64(*salt);
    description["scrypt"] = {{"n", cost.n}, {"r", cost.blocks}, {"p", cost.lanes}};
    return derive(passphrase, *salt, cost);
}

Result<Secret> openKey(const KekFile& file, JsonObject&) {
    return file.key.clone();
}
Result<Secret> openKey(const KekTpm& tpm, JsonObject& description) {
    return crypto::tpmUnseal(tpm.tcti, {bytesAt(description, "public"), bytesAt(description, "private")});
}
Result<Secret> openKey(const KekPassphrase& passphrase, JsonObject& description) {
    const auto salt = bytesAt(description, "salt");
    auto cost = description.object("scrypt");
    const auto number = [&](const char* name) {
        return static_cast<std::uint64_t>(cost.integer(name, 1, INT32_MAX));
    };
    const crypto::ScryptCost scrypt{number("n"), number("r"), number("p")};
    cost.close();
    return derive(passphrase, salt, scrypt);
}

} // namespace

Result<KeyEncryption> KeyEncryption::make(const KekSource& source) {
    json description{{"kind", kindOf(source)}};
    auto key = std::visit([&](const auto& from) { return makeKey(from, description); }, source);
    if (!key)
        return failWith(key);
    KeyEncryption made(std::move(*key), std::move(description));
    auto check = made.wrap(Secret{}, checkName);
    if (!check)
        return failWith(check);
    made.description_["check"] = std::move(*check);
    return made;
}

Result<KeyEncryption> KeyEncryption::open(const KekSource& source, const json& description) {
    std::string check;
    Result<Secret> key;
    try {
        JsonObject object(description, "kek");
        const auto kind = object.text("kind");
        if (kind != kindOf(source))
            return fail(Reason::key_store_failed,
                        "the keys are under a KEK of kind " + kind + ", not " + std::string(kindOf(source)));
        check = object.text("check");
        key = std::visit([&](const auto& from) { return openKey(from, object); }, source);
        object.close();
    } catch (const JsonRefused& refused) {
        return fail(Reason::key_store_failed, "the key file: " + refused.what);
    }
    if (!key)
        return failWith(key);
    KeyEncryption opened(std::move(*key), description);
    if (!opened.unwrap(check, checkName))
        return fail(Reason::key_store_failed,
                    "another " + std::string(kindOf(source)) + " than the one that wrapped the keys");
    return opened;
}

Result<std::string> KeyEncryption::wrap(const Secret& secret, std::string_view name) const {
    const auto sealed = crypto::seal(key_, secret.reveal(), boundTo(name));
    if (!sealed)
        return failWith(sealed);
    return toBase64(*sealed);
}

Result<Secret> KeyEncryption::unwrap(std::string_view wrapped, std::string_view name) const {
    const auto sealed = fromBase64(wrapped);
    auto secret = sealed ? crypto::unseal(key_, *sealed, boundTo(name)) : Result<Secret>(failWith(sealed));
    if (!secret)
        return fail(Reason::key_store_failed, std::string(name) + " cannot be unwrapped");
    return secret;
}

} // namespace ykt::firmware::keys
