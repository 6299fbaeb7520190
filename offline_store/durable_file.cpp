#include "offline_store/durable_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

// A quota or a limit of the process is as good as a full disk: nothing more can be written.
Error lastError(const char* doing, const fs::path& file) {
    const int code = errno;
    const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
    return {full ? Reason::store_full : Reason::store_failed,
            std::string(doing) + " " + file.filename().string() + ": " + std::strerror(code)};
}

tl::unexpected<Error> failed(const char* doing, const fs::path& file) {
    return tl::unexpected<Error>(lastError(doing, file));
}

Result<FileHandle> openFile(const fs::path& file, int flags) {
    FileHandle handle(::open(file.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (handle.descriptor() < 0)
        return failed("opening", file);
    return handle;
}

Result<void> flushOpened(const fs::path& file, int flags) {
    const auto handle = openFile(file, flags);
    if (!handle)
        return failWith(handle);
    if (::fsync(handle->descriptor()) != 0)
        return failed("flushing", file);
    return {};
}

} // namespace

FileHandle::~FileHandle() {
    if (descriptor_ >= 0)
        ::close(descriptor_);
}

Result<FileHandle> openToRead(const fs::path& file) {
    return openFile(file, O_RDONLY);
}

Result<void> readAt(const FileHandle& file, std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = ::pread(file.descriptor(), out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed("reading", {});
        if (got == 0)
            return fail(Reason::store_corrupt, "a file ends too early");
        out = out.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<FileHandle> lockFile(const fs::path& file) {
    auto handle = openFile(file, O_WRONLY | O_CREAT);
    if (!handle || ::flock(handle->descriptor(), LOCK_EX | LOCK_NB) == 0)
        return handle;
    if (errno == EWOULDBLOCK)
        return fail(Reason::store_in_use, file.filename().string());
    return failed("locking", file);
}

std::uint64_t sizeOf(const fs::path& file) {
    struct stat status {};
    return ::stat(file.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

Result<void> writeFrom(const fs::path& file, std::uint64_t size, ByteView bytes) {
    const auto handle = openFile(file, O_WRONLY | O_CREAT);
    if (!handle)
        return failWith(handle);
    if (::ftruncate(handle->descriptor(), static_cast<off_t>(size)) != 0)
        return failed("cutting", file);
    while (!bytes.empty()) {
        const auto put = ::pwrite(handle->descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(size));
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return failed("writing", file);
        bytes = bytes.subspan(static_cast<std::size_t>(put));
        size += static_cast<std::uint64_t>(put);
    }
    return {};
}

Result<void> flushFile(const fs::path& file) {
    return flushOpened(file, O_WRONLY);
}

Result<void> renameDurably(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        return failed("renaming", from);
    return flushFolderOf(to);
}

Result<void> replaceDurably(const fs::path& file, ByteView bytes) {
    const fs::path fresh = file.string() + ".new";
    return writeFrom(fresh, 0, bytes).and_then([&] { return flushFile(fresh); }).and_then([&] {
        return renameDurably(fresh, file);
    });
}

Result<void> flushFolderOf(const fs::path& file) {
    return flushOpened(file.has_parent_path() ? file.parent_path() : fs::path("."), O_RDONLY | O_DIRECTORY);
}

} // namespace ykt::offline_store
