#pragma once

#include "base/bytes.h"
#include "base/secret.h"

namespace ykt::crypto {

using Digest = ByteArray<32>;

Digest sm3(ByteView data);    // GB/T 32905
Digest sha256(ByteView data); // FIPS 180-4
Digest hmacSm3(const Secret& key, ByteView data);
Digest hmacSha256(const Secret& key, ByteView data);

} // namespace ykt::crypto
