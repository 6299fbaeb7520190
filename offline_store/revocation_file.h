// The keys of a revocation list in one file: sorted, with a filter behind them (docs/bulletins.md has the
// form).
#pragma once

#include "offline_store/durable_file.h"
#include "offline_store/fuse_filter.h"

namespace ykt::offline_store {

constexpr std::size_t revocationKeySize = RevocationKey{}.size();
constexpr std::uint64_t mostRevoked = 4'194'304; // keys of one list: a file of 64 MiB

// The end of the file: what the filter is and what the whole has to hash to.
struct RevocationFooter {
    static constexpr std::size_t size = 104;
    std::uint64_t keys = 0;
    FuseShape filter;
    crypto::Digest keysDigest{};  // SHA-256 of the sorted keys
    crypto::Digest otherDigest{}; // SHA-256 of the filter and of the footer up to here

    [[nodiscard]] Bytes bytes() const;
    // The file's last bytes, of a file of `fileSize` bytes. Errors: store_corrupt.
    static Result<RevocationFooter> parse(ByteView bytes, std::uint64_t fileSize);
};

// Strictly ascending keys out of their bytes. Errors: bulletin_malformed.
Result<std::vector<RevocationKey>> parseSortedKeys(ByteView bytes);
ByteView bytesOf(const std::vector<RevocationKey>& keys);
// How many of the ascending `keys` are not greater than `key`. Keys are digests, spread evenly: where one
// lies follows from its first bytes, so that fewer are looked at than by halving; others are counted as well.
std::size_t countUpTo(std::span<const RevocationKey> keys, const RevocationKey& key);
bool isAmong(std::span<const RevocationKey> keys, const RevocationKey& key);

// Puts filter and footer behind the keys that `file` begins with, and flushes it. `keys` are strictly
// ascending. Errors: store_full, store_failed.
Result<void> completeRevocationFile(const std::filesystem::path& file, const std::vector<RevocationKey>& keys,
                                    const crypto::Digest& keysDigest);

// A whole file, open and mapped read-only. Any thread.
class RevocationFile {
  public:
    // Reads all of it once and checks it. Errors: store_corrupt (short, changed or another), store_failed (it
    // cannot be read).
    static Result<std::shared_ptr<const RevocationFile>> open(const std::filesystem::path& file,
                                                              const crypto::Digest& keysDigest);
    ~RevocationFile();
    RevocationFile(const RevocationFile&) = delete;
    RevocationFile& operator=(const RevocationFile&) = delete;

    // Exact: what the filter lets pass is looked for among the keys. Errors: look_up_failed.
    [[nodiscard]] Result<bool> contains(const RevocationKey& key) const;
    // Errors: store_failed, store_corrupt.
    [[nodiscard]] Result<std::vector<RevocationKey>> keys() const;
    [[nodiscard]] const crypto::Digest& digest() const { return footer_.keysDigest; }

  private:
    RevocationFile(FileHandle file, const RevocationFooter& footer)
        : file_(std::move(file)), footer_(footer) {}
    Result<void> map(std::uint64_t fileSize);
    Result<void> checkAndIndex();

    FileHandle file_;
    RevocationFooter footer_;
    std::span<const std::uint8_t> mapped_; // the whole file
    std::span<const std::uint16_t> fingerprints_;
    std::vector<RevocationKey> blockStarts_; // the first key of each block
};

} // namespace ykt::offline_store
