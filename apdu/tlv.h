// BER-TLV of cards (ISO/IEC 7816-4, 5.2.2), read within bounds.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace ykt::apdu {

inline constexpr std::size_t maxTlvBytes = 65536;
inline constexpr std::size_t maxTlvObjects = 512; // all levels together
inline constexpr int maxTlvDepth = 8;

struct Tlv {
    std::uint32_t tag = 0; // 1 to 3 bytes, big-endian
    Bytes value;
    std::vector<Tlv> children; // of a constructed object; their bytes are `value`
};

// Tag and length of the object that `bytes` begins with.
struct TlvHeader {
    std::uint32_t tag = 0;
    std::size_t size = 0; // of tag and length
    bool constructed = false;
    std::size_t length = 0; // of the value, which lies within `bytes`
};

// Errors: tlv_malformed (no header, or the value runs past the end).
Result<TlvHeader> readTlvHeader(ByteView bytes);

// The objects of `bytes`, which they must fill; zero bytes between objects are padding. Lengths of one to
// four bytes after 81..84, definite only. Errors: tlv_malformed (truncated, indefinite, or over one of the
// bounds).
Result<std::vector<Tlv>> parseTlv(ByteView bytes);

// The first object with this tag, depth first; nullptr: none.
const Tlv* findTlv(const std::vector<Tlv>& objects, std::uint32_t tag);

} // namespace ykt::apdu
