// Key stores in a folder of their own, under KEKs of each kind.
#pragma once

#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "firmware/keys/key_store.h"
#include "tests/temporary_folder.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

namespace ykt::firmware::keys {

inline const WallTime start = wallFromUnixSeconds(1'795'000'000);

inline KekSource fileKek() {
    return KekFile{*crypto::randomSecret(32)};
}
inline KekSource passphraseKek(std::string_view words) {
    return KekPassphrase{Secret::copyOf(asBytes(words))};
}

inline std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

// The data keys' bytes, told apart without showing them.
inline std::string digestOf(const Secret& secret) {
    return toHex(crypto::sha256(secret.reveal()));
}

struct Fixture {
    std::unique_ptr<KeyStore> made(const KekSource& source) const {
        auto store = KeyStore::make(file, source, start);
        REQUIRE(store);
        return std::move(*store);
    }
    void write(const std::filesystem::path& path, std::string_view content) const {
        std::ofstream(path, std::ios::binary) << content;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read |
                                               std::filesystem::perms::owner_write);
    }

    test::TemporaryFolder folder;
    std::filesystem::path file = folder.path() / "terminal.keys";
};

} // namespace ykt::firmware::keys
