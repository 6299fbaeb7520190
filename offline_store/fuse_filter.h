// A binary fuse filter with three positions and 16-bit fingerprints (Graf and Lemire, "Binary Fuse Filters:
// Fast and Smaller Than Xor Filters", 2022): about 18 bits a key say "surely not listed", or, once in 65,536
// for a key that is not, "perhaps".
#pragma once

#include "base/result.h"
#include "offline_store/store.h"

#include <span>

namespace ykt::offline_store {

// What a look-up needs besides the fingerprints; stored with them.
struct FuseShape {
    std::uint64_t seed = 0;
    std::uint32_t segmentLength = 0; // a power of two
    std::uint32_t segments = 0;      // in which a key's first position can lie

    [[nodiscard]] std::size_t size() const { // in fingerprints
        return (std::size_t{segments} + 2) * segmentLength;
    }
};

struct FuseFilter {
    FuseShape shape;
    std::vector<std::uint16_t> fingerprints;
};

// `keys` are distinct and at least one. Takes about 36 bytes a key while it works. Errors: store_failed (no
// seed fits, which does not happen to distinct keys but by a chance of 2^-60).
Result<FuseFilter> buildFuseFilter(std::span<const RevocationKey> keys);

// False: the key is not one of the filter's. `fingerprints` has shape.size().
bool mayContain(const FuseShape& shape, std::span<const std::uint16_t> fingerprints,
                const RevocationKey& key);

} // namespace ykt::offline_store
