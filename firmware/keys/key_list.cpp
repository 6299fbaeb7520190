#include "firmware/keys/key_list.h"

#include "base/hex.h"
#include "crypto/certificate.h"

namespace ykt::firmware::keys {

using nlohmann::json;

json keyList(const KeyStoreContent& content) {
    json list{
        {"kek", content.kek.value("kind", "")}, {"data_keys", json::array()}, {"identities", json::array()}};
    for (const auto& key : content.dataKeys)
        list["data_keys"].push_back({{"number", key.number}, {"made", key.made}});
    for (const auto& identity : content.identities) {
        const auto info = crypto::readCertificate(identity.certificatePem);
        list["identities"].push_back(info ? json{{"common_name", info->commonName},
                                                 {"serial", toHex(info->serial)},
                                                 {"not_before", formatUtc(info->notBefore)},
                                                 {"not_after", formatUtc(info->notAfter)}}
                                          : json{{"error", explain(info.error())}});
    }
    return list;
}

} // namespace ykt::firmware::keys
