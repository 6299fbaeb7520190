#include "offline_store/fuse_filter.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>

namespace ykt::offline_store {

namespace {

constexpr int mostSeeds = 100;
constexpr std::uint32_t longestSegment = 262'144;

using Positions = std::array<std::uint32_t, 3>;

std::uint64_t mix(std::uint64_t x) { // the finalizer of MurmurHash3
    x = (x ^ (x >> 33U)) * 0xff51'afd7'ed55'8ccdU;
    x = (x ^ (x >> 33U)) * 0xc4ce'b9fe'1a85'ec53U;
    return x ^ (x >> 33U);
}

std::uint64_t hashOf(const RevocationKey& key, std::uint64_t seed) {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), key.data(), key.size());
    return mix(mix(halves[0] + seed) ^ (halves[1] + (seed << 1U)));
}

std::uint16_t fingerprintOf(std::uint64_t hash) {
    return static_cast<std::uint16_t>(hash ^ (hash >> 32U));
}

// One position in each of three segments that follow each other.
Positions positionsOf(const FuseShape& shape, std::uint64_t hash) {
    __extension__ using Wide = unsigned __int128;
    const auto range = std::uint64_t{shape.segments} * shape.segmentLength;
    const auto first = static_cast<std::uint32_t>((static_cast<Wide>(hash) * range) >> 64U);
    const auto mask = shape.segmentLength - 1;
    return {first, (first + shape.segmentLength) ^ (static_cast<std::uint32_t>(hash >> 18U) & mask),
            (first + 2 * shape.segmentLength) ^ (static_cast<std::uint32_t>(hash) & mask)};
}

// The paper's choice for three positions.
FuseShape shapeFor(std::size_t keys) {
    const auto count = static_cast<double>(std::max<std::size_t>(keys, 2));
    const auto exponent = std::floor(std::log(count) / std::log(3.33) + 2.25);
    const auto factor = std::max(1.125, 0.875 + 0.25 * std::log(1e6) / std::log(count));
    FuseShape shape;
    shape.segmentLength = std::min(longestSegment, std::uint32_t{1} << static_cast<unsigned>(exponent));
    const auto whole = static_cast<std::uint32_t>(std::ceil(count * factor / shape.segmentLength));
    shape.segments = whole > 2 ? whole - 2 : 1;
    return shape;
}

// What peeling knows of one position: how many keys have it, and the exclusive-or of their hashes and of
// which of their three positions it is.
struct Cell {
    std::uint64_t hashes = 0;
    std::uint32_t keys = 0;
    std::uint32_t which = 0;
};

struct Peeled {
    std::uint64_t hash;
    std::uint32_t which; // the position that it alone had
};

std::vector<Cell> fill(const FuseShape& shape, std::span<const RevocationKey> keys) {
    std::vector<Cell> cells(shape.size());
    for (const auto& key : keys) {
        const auto hash = hashOf(key, shape.seed);
        const auto positions = positionsOf(shape, hash);
        for (std::uint32_t which = 0; which < 3; ++which) {
            auto& cell = cells[positions[which]];
            cell.hashes ^= hash;
            ++cell.keys;
            cell.which ^= which;
        }
    }
    return cells;
}

// Takes away one key after the other that has a position for itself. nullopt: some have none.
std::optional<std::vector<Peeled>> peel(const FuseShape& shape, std::span<const RevocationKey> keys) {
    auto cells = fill(shape, keys);
    std::vector<std::uint32_t> alone;
    for (std::uint32_t i = 0; i < cells.size(); ++i)
        if (cells[i].keys == 1)
            alone.push_back(i);
    std::vector<Peeled> peeled;
    peeled.reserve(keys.size());
    while (!alone.empty()) {
        const auto cell = cells[alone.back()];
        alone.pop_back();
        if (cell.keys != 1)
            continue;
        peeled.push_back({cell.hashes, cell.which});
        const auto positions = positionsOf(shape, cell.hashes);
        for (std::uint32_t which = 0; which < 3; ++which) {
            auto& left = cells[positions[which]];
            left.hashes ^= cell.hashes;
            left.which ^= which;
            if (--left.keys == 1)
                alone.push_back(positions[which]);
        }
    }
    return peeled.size() == keys.size() ? std::optional(std::move(peeled)) : std::nullopt;
}

} // namespace

Result<FuseFilter> buildFuseFilter(std::span<const RevocationKey> keys) {
    FuseFilter filter{shapeFor(keys.size()), {}};
    for (filter.shape.seed = 1; filter.shape.seed <= mostSeeds; ++filter.shape.seed) {
        const auto peeled = peel(filter.shape, keys);
        if (!peeled)
            continue;
        filter.fingerprints.assign(filter.shape.size(), 0);
        std::for_each(peeled->rbegin(), peeled->rend(), [&](const Peeled& key) {
            const auto positions = positionsOf(filter.shape, key.hash);
            auto rest = fingerprintOf(key.hash);
            for (std::uint32_t which = 0; which < 3; ++which)
                if (which != key.which)
                    rest ^= filter.fingerprints[positions[which]];
            filter.fingerprints[positions[key.which]] = rest;
        });
        return filter;
    }
    return fail(Reason::store_failed, "no seed fits the revocation filter");
}

bool mayContain(const FuseShape& shape, std::span<const std::uint16_t> fingerprints,
                const RevocationKey& key) {
    const auto hash = hashOf(key, shape.seed);
    const auto positions = positionsOf(shape, hash);
    return fingerprintOf(hash) ==
           (fingerprints[positions[0]] ^ fingerprints[positions[1]] ^ fingerprints[positions[2]]);
}

} // namespace ykt::offline_store
