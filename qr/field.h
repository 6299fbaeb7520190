// Fields at fixed places of a payload whose length was checked before.
#pragma once

#include "base/bytes.h"

namespace ykt::qr {

struct Field {
    std::size_t at;   // bytes from the start
    std::size_t size; // bytes
};

inline ByteView slice(ByteView bytes, Field field) {
    return bytes.subspan(field.at, field.size);
}
inline Bytes copy(ByteView bytes, Field field) {
    const auto part = slice(bytes, field);
    return {part.begin(), part.end()};
}

} // namespace ykt::qr
