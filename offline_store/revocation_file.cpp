#include "offline_store/revocation_file.h"

#include "crypto/digest.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <sys/mman.h>

namespace ykt::offline_store {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "fingerprints are used where they lie");
static_assert(sizeof(RevocationKey) == revocationKeySize);

namespace {

constexpr std::string_view magic = "ykt-revocation-1";
constexpr std::uint32_t longestSegment = 262'144;
// Keys that are read at once when the filter lets one pass. Fewer make a longer index in memory, more are
// longer to copy: 64 were quicker than 256 by a tenth.
constexpr std::size_t keysPerBlock = 64;

std::uint64_t filterBytes(const FuseShape& shape) {
    return shape.size() * sizeof(std::uint16_t);
}

tl::unexpected<Error> corrupt(const char* what) {
    return fail(Reason::store_corrupt, std::string("revocation file: ") + what);
}

} // namespace

Bytes RevocationFooter::bytes() const {
    Bytes out = toBytes(magic);
    appendBigEndian(out, keys, 8);
    appendBigEndian(out, filter.seed, 8);
    appendBigEndian(out, filter.segmentLength, 4);
    appendBigEndian(out, filter.segments, 4);
    return concat({out, keysDigest, otherDigest});
}

Result<RevocationFooter> RevocationFooter::parse(ByteView bytes, std::uint64_t fileSize) {
    if (bytes.size() != size || toText(bytes.first(magic.size())) != magic)
        return corrupt("no footer");
    RevocationFooter footer;
    footer.keys = readBigEndian(bytes.subspan(16, 8));
    footer.filter.seed = readBigEndian(bytes.subspan(24, 8));
    footer.filter.segmentLength = static_cast<std::uint32_t>(readBigEndian(bytes.subspan(32, 4)));
    footer.filter.segments = static_cast<std::uint32_t>(readBigEndian(bytes.subspan(36, 4)));
    std::copy_n(bytes.begin() + 40, 32, footer.keysDigest.begin());
    std::copy_n(bytes.begin() + 72, 32, footer.otherDigest.begin());
    const auto& shape = footer.filter;
    if (footer.keys == 0 || footer.keys > mostRevoked || !std::has_single_bit(shape.segmentLength) ||
        shape.segmentLength > longestSegment || shape.segments == 0 || shape.segments > mostRevoked)
        return corrupt("sizes out of bounds");
    if (fileSize != footer.keys * revocationKeySize + filterBytes(shape) + size)
        return corrupt("sizes that do not add up");
    return footer;
}

Result<std::vector<RevocationKey>> parseSortedKeys(ByteView bytes) {
    if (bytes.size() % revocationKeySize != 0)
        return fail(Reason::bulletin_malformed, "revocation: not whole keys");
    std::vector<RevocationKey> keys(bytes.size() / revocationKeySize);
    if (!keys.empty())
        std::memcpy(keys.data(), bytes.data(), bytes.size());
    if (std::adjacent_find(keys.begin(), keys.end(), std::greater_equal<>()) != keys.end())
        return fail(Reason::bulletin_malformed, "revocation: entries are not strictly ascending");
    return keys;
}

ByteView bytesOf(const std::vector<RevocationKey>& keys) {
    return {reinterpret_cast<const std::uint8_t*>(keys.data()), keys.size() * revocationKeySize};
}

std::size_t countUpTo(std::span<const RevocationKey> keys, const RevocationKey& key) {
    constexpr std::size_t firstStep = 32;
    const auto place = readBigEndian(ByteView(key).first(4)); // of 2^32
    auto low =
        static_cast<std::size_t>(keys.size() * place >> 32U); // a guess; then: all before it are counted
    auto high = low;                                          // and none from there on
    for (auto step = firstStep; low > 0 && key < keys[low - 1]; step *= 2)
        low -= std::min(low, step);
    for (auto step = firstStep; high < keys.size() && keys[high] <= key; step *= 2)
        high += std::min(keys.size() - high, step);
    const auto window = keys.subspan(low, high - low);
    return low + static_cast<std::size_t>(std::ranges::upper_bound(window, key) - window.begin());
}

bool isAmong(std::span<const RevocationKey> keys, const RevocationKey& key) {
    const auto upTo = countUpTo(keys, key);
    return upTo > 0 && keys[upTo - 1] == key;
}

Result<void> completeRevocationFile(const fs::path& file, const std::vector<RevocationKey>& keys,
                                    const crypto::Digest& keysDigest) {
    const auto filter = buildFuseFilter(keys);
    if (!filter)
        return failWith(filter);
    const auto* fingerprints = reinterpret_cast<const std::uint8_t*>(filter->fingerprints.data());
    RevocationFooter footer{keys.size(), filter->shape, keysDigest, {}};
    auto end = concat({{fingerprints, filterBytes(filter->shape)}, footer.bytes()});
    footer.otherDigest = crypto::sha256(ByteView(end).first(end.size() - sizeof(crypto::Digest)));
    std::copy(footer.otherDigest.begin(), footer.otherDigest.end(), end.end() - sizeof(crypto::Digest));
    if (const auto written = writeFrom(file, keys.size() * revocationKeySize, end); !written)
        return written;
    return flushFile(file);
}

Result<std::shared_ptr<const RevocationFile>> RevocationFile::open(const fs::path& file,
                                                                   const crypto::Digest& keysDigest) {
    const auto size = sizeOf(file);
    if (size < RevocationFooter::size)
        return corrupt("missing or short");
    auto handle = openToRead(file);
    if (!handle)
        return failWith(handle);
    ByteArray<RevocationFooter::size> end{};
    if (const auto read = readAt(*handle, size - end.size(), end); !read)
        return failWith(read);
    const auto footer = RevocationFooter::parse(end, size);
    if (!footer)
        return failWith(footer);
    if (footer->keysDigest != keysDigest)
        return corrupt("another list");
    std::shared_ptr<RevocationFile> opened(new RevocationFile(std::move(*handle), *footer));
    if (const auto checked = opened->checkAndIndex(); !checked)
        return failWith(checked);
    if (const auto mapped = opened->map(size); !mapped)
        return failWith(mapped);
    return opened;
}

// By read(2) and not through the mapping, where a bad block of the disk would end the process.
Result<void> RevocationFile::checkAndIndex() {
    const auto all = keys();
    if (!all)
        return failWith(all);
    if (crypto::sha256(bytesOf(*all)) != footer_.keysDigest)
        return corrupt("its keys were changed");
    for (std::size_t i = 0; i < all->size(); i += keysPerBlock)
        blockStarts_.push_back((*all)[i]);
    const auto keysEnd = footer_.keys * revocationKeySize;
    Bytes rest(filterBytes(footer_.filter) + RevocationFooter::size - sizeof(crypto::Digest));
    if (const auto read = readAt(file_, keysEnd, rest); !read)
        return read;
    if (crypto::sha256(rest) != footer_.otherDigest)
        return corrupt("its filter was changed");
    return {};
}

Result<void> RevocationFile::map(std::uint64_t fileSize) {
    void* memory = ::mmap(nullptr, fileSize, PROT_READ, MAP_SHARED, file_.descriptor(), 0);
    if (memory == MAP_FAILED)
        return fail(Reason::store_failed, "mapping the revocation file");
    mapped_ = {static_cast<const std::uint8_t*>(memory), fileSize};
    const auto* filter = mapped_.data() + footer_.keys * revocationKeySize;
    // Held in memory, where the system lets it: it was checked as it is there now, and every look-up needs
    // it.
    (void)::mlock(filter, filterBytes(footer_.filter));
    fingerprints_ = {reinterpret_cast<const std::uint16_t*>(filter), footer_.filter.size()};
    return {};
}

RevocationFile::~RevocationFile() {
    if (!mapped_.empty())
        ::munmap(const_cast<std::uint8_t*>(mapped_.data()), mapped_.size());
}

Result<bool> RevocationFile::contains(const RevocationKey& key) const {
    if (!mayContain(footer_.filter, fingerprints_, key))
        return false;
    const auto blocks = countUpTo(blockStarts_, key);
    if (blocks == 0)
        return false;
    const auto first = (blocks - 1) * keysPerBlock;
    std::array<RevocationKey, keysPerBlock> block;
    const auto count = std::min<std::size_t>(keysPerBlock, footer_.keys - first);
    const auto read = readAt(file_, first * revocationKeySize,
                             {reinterpret_cast<std::uint8_t*>(block.data()), count * revocationKeySize});
    if (!read)
        return fail(Reason::look_up_failed, read.error().context);
    return std::binary_search(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count), key);
}

Result<std::vector<RevocationKey>> RevocationFile::keys() const {
    std::vector<RevocationKey> all(footer_.keys);
    const auto read =
        readAt(file_, 0, {reinterpret_cast<std::uint8_t*>(all.data()), footer_.keys * revocationKeySize});
    if (!read)
        return failWith(read);
    return all;
}

} // namespace ykt::offline_store
