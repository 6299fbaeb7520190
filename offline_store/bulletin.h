// Signed documents from the operator. On the wire: {"content": base64(JSON), "signature": hex(SM2, 64
// bytes)}, the signature being over the content's bytes; content: {"kind", "version", "not_before",
// "not_after", "body"}.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/sm2.h"

#include <array>
#include <string>

namespace ykt::offline_store {

inline constexpr std::array<std::string_view, 7> bulletinKinds{
    "catalogue", "revocation", "trust_anchors", "region_rules", "fare_tables", "legacy_map", "directives"};

struct Bulletin {
    std::string kind; // docs/bulletins.md has them
    std::uint64_t version = 0;
    WallTime notBefore{};
    WallTime notAfter{};
    std::string body; // JSON text
    WallTime installed{};
};

// Checks form and signature, not version nor validity. Errors: bulletin_malformed, bulletin_untrusted.
Result<Bulletin> openBulletin(ByteView signedBulletin, const crypto::Sm2PublicKey& publisher);

} // namespace ykt::offline_store
