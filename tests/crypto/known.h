// Short hands for known answers.
#pragma once

#include "base/hex.h"
#include "base/secret.h"

namespace ykt::test {

inline Bytes hex(std::string_view text) {
    return fromHex(text).value();
}
inline Secret secretHex(std::string_view text) {
    return Secret(hex(text));
}

// first, first + 1, ... `size` bytes.
inline Bytes countingBytes(std::uint8_t first, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(first + i);
    return bytes;
}

} // namespace ykt::test
