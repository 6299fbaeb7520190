// A publisher of signed bulletins, and the bodies of revocation lists.
#pragma once

#include "fixture.h"

#include <algorithm>
#include <fstream>

namespace ykt::offline_store {

struct Publisher {
    crypto::Sm2PrivateKey key = *crypto::Sm2PrivateKey::generate();

    [[nodiscard]] Bytes sign(const std::string& content) const {
        return toBytes(nlohmann::json{{"content", toBase64(asBytes(content))},
                                      {"signature", toHex(*key.sign(asBytes(content)))}}
                           .dump());
    }
    [[nodiscard]] static nlohmann::json content(const std::string& kind, std::uint64_t version,
                                                const nlohmann::json& body) {
        return {{"kind", kind},
                {"version", version},
                {"not_before", unixSeconds(start) - 60},
                {"not_after", unixSeconds(start) + 3600},
                {"body", body}};
    }
    [[nodiscard]] Bytes publish(const std::string& kind, std::uint64_t version,
                                const nlohmann::json& body) const {
        return sign(content(kind, version, body).dump());
    }
};

// The list `keys` in the forms that a body may have. Sorted here.
inline nlohmann::json hexOf(std::vector<RevocationKey> keys) {
    std::sort(keys.begin(), keys.end());
    auto list = nlohmann::json::array();
    for (const auto& key : keys)
        list.push_back(toHex(key));
    return list;
}
inline nlohmann::json entries(const std::vector<RevocationKey>& keys) {
    return {{"entries", hexOf(keys)}};
}
inline nlohmann::json delta(std::uint64_t base, const std::vector<RevocationKey>& add,
                            const std::vector<RevocationKey>& remove) {
    return {{"delta", {{"base", base}, {"add", hexOf(add)}, {"remove", hexOf(remove)}}}};
}
inline Bytes fileOf(std::vector<RevocationKey> keys) {
    std::sort(keys.begin(), keys.end());
    Bytes bytes;
    for (const auto& key : keys)
        bytes.insert(bytes.end(), key.begin(), key.end());
    return bytes;
}
inline nlohmann::json fileBody(const Bytes& file) {
    return {{"file",
             {{"sha256", toHex(crypto::sha256(file))}, {"bytes", file.size()}, {"count", file.size() / 16}}}};
}

inline void writeFile(const std::filesystem::path& path, ByteView bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
inline Bytes readFile(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline RevocationKey holder(int number) {
    return revocationKey("card", std::to_string(number));
}
inline std::vector<RevocationKey> holders(int from, int to) {
    std::vector<RevocationKey> keys;
    for (int number = from; number < to; ++number)
        keys.push_back(holder(number));
    return keys;
}

struct BulletinFixture : Fixture {
    Publisher publisher;
    crypto::Sm2PublicKey trusted = publisher.key.publicKey();

    [[nodiscard]] Bytes revocation(std::uint64_t version, const nlohmann::json& body) const {
        return publisher.publish("revocation", version, body);
    }
    // As the courier does it.
    Result<void> installFile(Store& store, std::uint64_t version, const Bytes& file) const {
        const auto bulletin = revocation(version, fileBody(file));
        const auto attachment = store.attachmentOf(*openBulletin(bulletin, trusted));
        if (!attachment)
            return failWith(attachment);
        if (*attachment)
            writeFile((*attachment)->path, file);
        return store.install(bulletin, trusted);
    }
    // The revocation list's files, without their folder.
    [[nodiscard]] std::vector<std::string> listFiles() const {
        std::vector<std::string> names;
        for (const auto& file : std::filesystem::directory_iterator(folder.path()))
            if (file.path().filename().string().find(".revocation-") != std::string::npos)
                names.push_back(file.path().filename());
        return names;
    }
};

} // namespace ykt::offline_store
