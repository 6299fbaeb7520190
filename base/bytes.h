// Byte containers, views and big-endian integers. All multi-byte integers of the media are big-endian.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ykt {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

// All parts, one after the other.
Bytes concat(std::initializer_list<ByteView> parts);

// Appends `value` as `size` big-endian bytes (size 1..8; higher bits are dropped).
void appendBigEndian(Bytes& out, std::uint64_t value, std::size_t size);

// Reads the whole view (at most 8 bytes) as a big-endian number.
std::uint64_t readBigEndian(ByteView bytes);

ByteView asBytes(std::string_view text);
Bytes toBytes(std::string_view text);
std::string toText(ByteView bytes);

// Equal content, in time that depends on the lengths only: for MACs and tags.
bool equalConstantTime(ByteView a, ByteView b);

// Overwrites with zeros in a way that the compiler may not remove.
void wipe(std::span<std::uint8_t> bytes);

} // namespace ykt
