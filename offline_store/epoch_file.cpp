#include "offline_store/epoch_file.h"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <fstream>
#include <limits>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace ykt::offline_store {

namespace fs = std::filesystem;

namespace {

Result<std::uint32_t> readEpoch(const fs::path& file) {
    std::error_code error;
    if (!fs::exists(file, error)) {
        if (error)
            return fail(Reason::store_failed, "looking for " + file.string() + ": " + error.message());
        return 0;
    }
    std::ifstream in(file);
    std::string text;
    std::getline(in, text);
    std::uint32_t epoch = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), epoch);
    if (failure != std::errc() || end != text.data() + text.size() ||
        epoch == std::numeric_limits<std::uint32_t>::max())
        return fail(Reason::store_failed, "epoch file is not a number: " + file.string());
    return epoch;
}

bool flushToDisk(const fs::path& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
    if (fd < 0)
        return false;
    const bool flushed = ::fsync(fd) == 0;
    ::close(fd);
    return flushed;
}

} // namespace

Result<std::uint32_t> nextEpoch(const fs::path& database) {
    const fs::path file = database.string() + ".epoch";
    const fs::path fresh = file.string() + ".new";
    const auto last = readEpoch(file);
    if (!last)
        return last;
    const auto next = *last + 1;
    bool written = static_cast<bool>(std::ofstream(fresh, std::ios::trunc) << next << '\n' << std::flush);
    written = written && flushToDisk(fresh, O_WRONLY) && ::rename(fresh.c_str(), file.c_str()) == 0;
    if (!written)
        return fail(Reason::store_failed, "writing " + file.string());
    return flushFolderOf(file).map([&] { return next; });
}

Result<void> flushFolderOf(const fs::path& file) {
    const auto folder = file.parent_path().empty() ? fs::path(".") : file.parent_path();
    if (!flushToDisk(folder, O_RDONLY | O_DIRECTORY))
        return fail(Reason::store_failed, "flushing " + folder.string());
    return {};
}

} // namespace ykt::offline_store
