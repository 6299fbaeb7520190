#include "firmware/keys/start_up.h"

#include "crypto/certificate.h"

#include <algorithm>

namespace ykt::firmware::keys {

namespace fs = std::filesystem;

Result<std::unique_ptr<KeyStore>> openKeys(const KeySettings& settings, const fs::path& database,
                                           WallTime now) {
    std::error_code error;
    if (fs::exists(settings.file, error) || error)
        return KeyStore::open(settings.file, settings.kek);
    if (fs::exists(database, error) || error)
        return fail(Reason::key_store_failed, settings.file.string() + " is missing, and " +
                                                  database.string() +
                                                  " needs its keys: restore it, or move the database away");
    return KeyStore::make(settings.file, settings.kek, now);
}

Result<void> adoptIdentity(KeyStore& keys, const crypto::TlsIdentity& given) {
    const auto kept = keys.identities();
    if (!kept)
        return failWith(kept);
    if (given.certificatePem.empty()) {
        if (kept->empty())
            return fail(Reason::key_store_failed,
                        "no certificate of this terminal; give upstream.certificate_file and key_file");
        return {};
    }
    const auto offered = crypto::readCertificate(given.certificatePem);
    if (!offered)
        return failWith(offered);
    for (const auto& identity : *kept) {
        const auto known = crypto::readCertificate(identity.certificatePem);
        if (known && known->notBefore >= offered->notBefore)
            return {};
    }
    std::vector<crypto::TlsIdentity> only;
    only.push_back({given.certificatePem, given.privateKeyPem.clone()});
    return keys.setIdentities(only);
}

} // namespace ykt::firmware::keys
