#include "firmware/keys/key_store.h"

#include "base/hex.h"
#include "crypto/aead.h"
#include "crypto/digest.h"
#include "crypto/random.h"

#include <algorithm>

namespace ykt::firmware::keys {

namespace fs = std::filesystem;

namespace {

std::string nameOf(const KeyStoreContent::DataKey& key) {
    return "data key " + std::to_string(key.number);
}
std::string nameOfIdentity(const std::string& certificatePem) {
    return "key of certificate " + toHex(crypto::sha256(asBytes(certificatePem)));
}

Result<Secret> makeDataKey(KeyStoreContent& content, const KeyEncryption& kek, WallTime now) {
    auto secret = crypto::randomSecret(crypto::aeadKeySize);
    if (!secret)
        return secret;
    auto& key = content.dataKeys.emplace_back();
    key.number = static_cast<std::uint32_t>(
        content.dataKeys.size() == 1 ? 1 : content.dataKeys[content.dataKeys.size() - 2].number + 1);
    key.made = formatUtc(now);
    auto wrapped = kek.wrap(*secret, nameOf(key));
    if (!wrapped)
        return failWith(wrapped);
    key.wrapped = std::move(*wrapped);
    return secret;
}

Result<void> rewrapOne(std::string& wrapped, const std::string& name, const KeyEncryption& from,
                       const KeyEncryption& to) {
    const auto secret = from.unwrap(wrapped, name);
    if (!secret)
        return failWith(secret);
    auto anew = to.wrap(*secret, name);
    if (!anew)
        return failWith(anew);
    wrapped = std::move(*anew);
    return {};
}

} // namespace

Result<std::unique_ptr<KeyStore>> KeyStore::make(const fs::path& file, const KekSource& source,
                                                 WallTime now) {
    std::error_code error;
    if (fs::exists(file, error) || error)
        return fail(Reason::key_store_failed, file.string() + " is there already");
    auto kek = KeyEncryption::make(source);
    if (!kek)
        return failWith(kek);
    KeyStoreContent content;
    content.kek = kek->description();
    if (const auto key = makeDataKey(content, *kek, now); !key)
        return failWith(key);
    if (const auto written = writeKeyStore(file, content); !written)
        return failWith(written);
    return std::unique_ptr<KeyStore>(new KeyStore(file, std::move(*kek)));
}

Result<std::unique_ptr<KeyStore>> KeyStore::open(const fs::path& file, const KekSource& source) {
    const auto content = readKeyStore(file);
    if (!content)
        return failWith(content);
    auto kek = KeyEncryption::open(source, content->kek);
    if (!kek)
        return failWith(kek);
    return std::unique_ptr<KeyStore>(new KeyStore(file, std::move(*kek)));
}

Result<void> KeyStore::rewrap(const fs::path& file, const KekSource& from, const KekSource& to) {
    return changeKeyStore(file, [&](KeyStoreContent& content) -> Result<void> {
        const auto earlier = KeyEncryption::open(from, content.kek);
        if (!earlier)
            return failWith(earlier);
        const auto later = KeyEncryption::make(to);
        if (!later)
            return failWith(later);
        for (auto& key : content.dataKeys)
            if (auto done = rewrapOne(key.wrapped, nameOf(key), *earlier, *later); !done)
                return done;
        for (auto& identity : content.identities)
            if (auto done =
                    rewrapOne(identity.wrapped, nameOfIdentity(identity.certificatePem), *earlier, *later);
                !done)
                return done;
        content.kek = later->description();
        return {};
    });
}

Result<KeyStoreContent> KeyStore::content() const {
    auto content = readKeyStore(file_);
    if (content)
        if (const auto same = checkKek(*content); !same)
            return failWith(same);
    return content;
}

Result<offline_store::KeyRing> KeyStore::dataKeys() const {
    const auto kept = content();
    if (!kept)
        return failWith(kept);
    offline_store::KeyRing ring;
    for (const auto& key : kept->dataKeys) {
        auto secret = kek_.unwrap(key.wrapped, nameOf(key));
        if (!secret)
            return failWith(secret);
        ring.add(key.number, std::move(*secret));
    }
    return ring;
}

Result<std::pair<std::uint32_t, Secret>> KeyStore::addDataKey(WallTime now) {
    std::pair<std::uint32_t, Secret> added;
    const auto changed = change([&](KeyStoreContent& content) -> Result<void> {
        auto secret = makeDataKey(content, kek_, now);
        if (!secret)
            return failWith(secret);
        added = {content.dataKeys.back().number, std::move(*secret)};
        return {};
    });
    if (!changed)
        return failWith(changed);
    return added;
}

Result<std::vector<std::uint32_t>> KeyStore::forgetDataKeys(const std::set<std::uint32_t>& needed) {
    std::vector<std::uint32_t> gone;
    const auto changed = change([&](KeyStoreContent& content) -> Result<void> {
        const auto newest = content.dataKeys.back().number;
        for (const auto& key : content.dataKeys)
            if (key.number != newest && !needed.contains(key.number))
                gone.push_back(key.number);
        std::erase_if(content.dataKeys,
                      [&](const auto& key) { return key.number != newest && !needed.contains(key.number); });
        return {};
    });
    if (!changed)
        return failWith(changed);
    return gone;
}

Result<std::vector<crypto::TlsIdentity>> KeyStore::identities() const {
    const auto kept = content();
    if (!kept)
        return failWith(kept);
    std::vector<crypto::TlsIdentity> identities;
    for (const auto& identity : kept->identities) {
        auto key = kek_.unwrap(identity.wrapped, nameOfIdentity(identity.certificatePem));
        if (!key)
            return failWith(key);
        identities.push_back({identity.certificatePem, std::move(*key)});
    }
    return identities;
}

Result<void> KeyStore::setIdentities(const std::vector<crypto::TlsIdentity>& identities) {
    return change([&](KeyStoreContent& content) -> Result<void> {
        content.identities.clear();
        for (const auto& identity : identities) {
            auto wrapped = kek_.wrap(identity.privateKeyPem, nameOfIdentity(identity.certificatePem));
            if (!wrapped)
                return failWith(wrapped);
            content.identities.push_back({identity.certificatePem, std::move(*wrapped)});
        }
        return {};
    });
}

Result<void> KeyStore::checkKek(const KeyStoreContent& content) const {
    if (content.kek != kek_.description())
        return fail(Reason::key_store_failed,
                    file_.string() + " is under another KEK since; restart the terminal with that one");
    const bool rising =
        std::ranges::adjacent_find(content.dataKeys, std::ranges::greater_equal{},
                                   &KeyStoreContent::DataKey::number) == content.dataKeys.end();
    if (content.dataKeys.empty() || !rising)
        return fail(Reason::key_store_failed, file_.string() + ": data_keys: none, or not rising");
    return {};
}

Result<void> KeyStore::change(const std::function<Result<void>(KeyStoreContent&)>& change) {
    return changeKeyStore(file_, [&](KeyStoreContent& content) -> Result<void> {
        if (auto same = checkKek(content); !same)
            return same;
        return change(content);
    });
}

} // namespace ykt::firmware::keys
