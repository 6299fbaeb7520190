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

// The objects of `bytes`, which they must fill; zero bytes between objects are padding. Lengths of one to
// four bytes after 81..84, definite only. Errors: tlv_malformed (truncated, indefinite, or over one of the
// bounds).
Result<std::vector<Tlv>> parseTlv(ByteView bytes);

// The first object with this tag, depth first; nullptr: none.
const Tlv* findTlv(const std::vector<Tlv>& objects, std::uint32_t tag);

} // namespace ykt::apdu
