// What the caller of a test may set.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace ykt::test {

inline std::uint64_t numberFrom(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

} // namespace ykt::test
