#include "drivers/system/key_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ykt::drivers {
namespace {

constexpr mode_t othersRights = 0077;

class OpenFile {
  public:
    // Without blocking, so that a pipe in a file's place is refused and not waited for.
    explicit OpenFile(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~OpenFile() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

tl::unexpected<Error> unreadable(const std::filesystem::path& path, const std::string& why) {
    return fail(Reason::config_unreadable, path.string() + ": " + why + "; check path and permissions");
}

Result<Bytes> readWhole(int descriptor, std::size_t size, const std::filesystem::path& path) {
    Bytes bytes(size);
    std::size_t have = 0;
    while (have < size) {
        const auto got = ::read(descriptor, bytes.data() + have, size - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            wipe(bytes);
            return unreadable(path, "changed or failed while it was read");
        }
        have += static_cast<std::size_t>(got);
    }
    return bytes;
}

Result<Bytes> readWithRights(const std::filesystem::path& path, mode_t forbidden) {
    const OpenFile file(path);
    if (file.descriptor() < 0)
        return unreadable(path, std::strerror(errno));
    struct stat status {};
    if (::fstat(file.descriptor(), &status) != 0 || !S_ISREG(status.st_mode))
        return unreadable(path, "not a regular file");
    if (forbidden != 0 && status.st_uid != ::geteuid() && status.st_uid != 0)
        return fail(Reason::config_value,
                    path.string() + ": owned by another user; chown it to the one that runs this program");
    if ((status.st_mode & forbidden) != 0)
        return fail(Reason::config_value, path.string() +
                                              ": others than its owner may use it; chmod 600 it, and "
                                              "make a new key if it may have been read");
    if (status.st_size < 0 || static_cast<std::size_t>(status.st_size) > longestFile)
        return unreadable(path, "longer than 64 KiB");
    return readWhole(file.descriptor(), static_cast<std::size_t>(status.st_size), path);
}

} // namespace

Result<Bytes> readFile(const std::filesystem::path& path) {
    return readWithRights(path, 0);
}

Result<Secret> readKeyFile(const std::filesystem::path& path) {
    auto bytes = readWithRights(path, othersRights);
    if (!bytes)
        return failWith(bytes);
    return Secret{std::move(*bytes)};
}

} // namespace ykt::drivers
