// Drawn bytes, which nothing makes smaller.
#pragma once

#include "base/bytes.h"

namespace ykt::test {

template <typename Random>
Bytes noise(Random& random, std::size_t size) {
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random());
    return bytes;
}

} // namespace ykt::test
