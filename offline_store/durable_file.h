// Files beside the database. Each step has happened, as far as its name says, or is an error.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <filesystem>
#include <span>

namespace ykt::offline_store {

class FileHandle {
  public:
    explicit FileHandle(int descriptor = -1) : descriptor_(descriptor) {}
    FileHandle(FileHandle&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileHandle& operator=(FileHandle&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FileHandle();
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

// Errors: store_failed.
Result<FileHandle> openToRead(const std::filesystem::path& file);
// Fills `out` from `offset` on; the file may be longer. Errors: store_failed (an error of the disk),
// store_corrupt (the file ends before).
Result<void> readAt(const FileHandle& file, std::uint64_t offset, std::span<std::uint8_t> out);

// Nobody else, of this program or another, gets it while the handle lives; with its process it goes too.
// Makes the file if it is not there (0600), and leaves it there. Errors: store_in_use, store_full,
// store_failed.
Result<FileHandle> lockFile(const std::filesystem::path& file);

// 0: there is none.
std::uint64_t sizeOf(const std::filesystem::path& file);
// Cuts the file to `size` and writes `bytes` from there on; makes it if it is not there (0600). Not yet on
// the disk. Errors: store_full, store_failed.
Result<void> writeFrom(const std::filesystem::path& file, std::uint64_t size, ByteView bytes);
// What was written is on the disk when it returns. Errors: store_full, store_failed.
Result<void> flushFile(const std::filesystem::path& file);
// In one folder; replaces what is there. On the disk when it returns. Errors: store_full, store_failed.
Result<void> renameDurably(const std::filesystem::path& from, const std::filesystem::path& to);
// The whole file, as it was or as `bytes` say, whenever the power goes: by way of `<file>.new`. On the disk
// when it returns. Errors: store_full, store_failed.
Result<void> replaceDurably(const std::filesystem::path& file, ByteView bytes);
// Makes the names in the file's folder durable. Errors: store_full, store_failed.
Result<void> flushFolderOf(const std::filesystem::path& file);

} // namespace ykt::offline_store
