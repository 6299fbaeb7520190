// A payload made smaller before it is sealed: what a record costs on the flash is mostly its size. Deflate
// (RFC 1951) with a preset dictionary of the field names. docs/store.md has the bytes.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt::offline_store {

// A multiple of 32 bytes, at least 128, else never more than 33 larger than the payload.
Bytes pack(ByteView payload);
// At most 65,535 bytes of what was deflated. Errors: store_corrupt.
Result<Bytes> unpack(ByteView filled);

} // namespace ykt::offline_store
