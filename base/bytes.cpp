#include "base/bytes.h"

#include <cstring>

namespace ykt {

Bytes concat(std::initializer_list<ByteView> parts) {
    std::size_t size = 0;
    for (const auto part : parts)
        size += part.size();
    Bytes out;
    out.reserve(size);
    for (const auto part : parts)
        out.insert(out.end(), part.begin(), part.end());
    return out;
}

void appendBigEndian(Bytes& out, std::uint64_t value, std::size_t size) {
    for (std::size_t i = size; i > 0; --i)
        out.push_back(static_cast<std::uint8_t>(value >> (8 * (i - 1))));
}

std::uint64_t readBigEndian(ByteView bytes) {
    std::uint64_t value = 0;
    for (const auto byte : bytes)
        value = value << 8 | byte;
    return value;
}

ByteView asBytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes toBytes(std::string_view text) {
    const auto view = asBytes(text);
    return {view.begin(), view.end()};
}

std::string toText(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool equalConstantTime(ByteView a, ByteView b) {
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty())
        explicit_bzero(bytes.data(), bytes.size());
}

} // namespace ykt
