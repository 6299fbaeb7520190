#include "flash.h"

#include "base/bytes.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace fs = std::filesystem;
using ykt::Bytes;

namespace {

constexpr std::size_t sector = 512;

Bytes contentOf(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void leave(const std::string& path, const Bytes& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc)
        .write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
}

std::string nameOf(int descriptor) {
    std::error_code ignored;
    return fs::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored);
}

// And none of SQLite's.
bool isOurs(const std::string& path) {
    return path.find(".revocation-") != std::string::npos || path.find(".guard") != std::string::npos ||
           path.find(".epoch") != std::string::npos;
}

int realRename(const char* from, const char* to) {
    return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

class Flash {
  public:
    void arm(std::uint64_t call, std::uint64_t seed, bool swallow) {
        random_.seed(seed);
        swallow_ = swallow;
        cutAt_ = calls_ + call;
    }
    [[nodiscard]] std::uint64_t calls() const { return calls_; }

    void fail(std::uint64_t call, int code) {
        failAt_ = calls_ + call;
        code_ = code;
    }
    void heal() { failAt_.reset(); }
    [[nodiscard]] bool hasFailed() const { return failAt_ && *failAt_ <= calls_; }

    // False: this call fails, and errno says with what.
    [[nodiscard]] bool enter() {
        if (++calls_ == cutAt_)
            cut();
        if (calls_ != failAt_)
            return true;
        errno = code_;
        return false;
    }
    void changing(int descriptor) {
        const auto path = nameOf(descriptor);
        if (!isOurs(path))
            return;
        durable_.try_emplace(path, contentOf(path)); // what was there before the first change is flushed
        dirty_.insert(path);
    }
    void flushed(int descriptor) {
        const auto path = nameOf(descriptor);
        if (swallow_)
            return;
        if (fs::is_directory(path))
            renames_.clear();
        else if (dirty_.erase(path) > 0)
            durable_[path] = contentOf(path);
    }
    int rename(const std::string& from, const std::string& to) {
        if (!isOurs(from))
            return realRename(from.c_str(), to.c_str());
        renames_.push_back({from, to, fs::exists(to) ? std::optional(contentOf(to)) : std::nullopt});
        const int done = realRename(from.c_str(), to.c_str());
        move(from, to);
        return done;
    }

  private:
    struct Rename {
        std::string from, to;
        std::optional<Bytes> replaced;
    };

    void move(const std::string& from, const std::string& to) {
        durable_.erase(to);
        dirty_.erase(to);
        if (auto content = durable_.extract(from)) {
            content.key() = to;
            durable_.insert(std::move(content));
        }
        if (dirty_.erase(from) > 0)
            dirty_.insert(to);
    }
    bool coin() { return (random_() & 1U) != 0; }

    [[noreturn]] void cut() {
        for (auto rename = renames_.rbegin(); rename != renames_.rend() && coin(); ++rename) {
            realRename(rename->to.c_str(), rename->from.c_str());
            move(rename->to, rename->from);
            if (rename->replaced)
                leave(rename->to, *rename->replaced);
        }
        for (const auto& path : dirty_)
            if (fs::exists(path))
                leave(path, torn(durable_[path], contentOf(path)));
        ::_exit(ykt::test::cutCode);
    }
    Bytes torn(const Bytes& before, const Bytes& after) {
        const auto [least, most] = std::minmax({before.size(), after.size()});
        auto left = before;
        left.resize(least + static_cast<std::size_t>(random_() % (most - least + 1)));
        for (std::size_t at = 0; at < std::min(left.size(), after.size()); at += sector)
            if (coin())
                std::copy_n(after.begin() + static_cast<std::ptrdiff_t>(at),
                            std::min({sector, left.size() - at, after.size() - at}),
                            left.begin() + static_cast<std::ptrdiff_t>(at));
        return left;
    }

    std::uint64_t calls_ = 0;
    std::uint64_t cutAt_ = 0;
    std::optional<std::uint64_t> failAt_;
    int code_ = 0;
    bool swallow_ = false;
    std::mt19937_64 random_;
    std::map<std::string, Bytes> durable_;
    std::set<std::string> dirty_;
    std::vector<Rename> renames_; // not yet flushed
};

Flash& flash() {
    static Flash one;
    return one;
}

} // namespace

namespace ykt::test {

void cutPowerAt(std::uint64_t call, std::uint64_t seed, bool swallowFlushes) {
    flash().arm(call, seed, swallowFlushes);
}

void failAt(std::uint64_t call, int code) {
    flash().fail(call, code);
}

bool hasFailed() {
    return flash().hasFailed();
}

void heal() {
    flash().heal();
}

std::uint64_t diskCalls() {
    return flash().calls();
}

} // namespace ykt::test

// The program's definitions come before the C library's, for itself and for SQLite. Nothing is really
// flushed: nothing here outlives the test.
extern "C" {

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
    if (!flash().enter())
        return -1;
    flash().changing(descriptor);
    return ::syscall(SYS_pwrite64, descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}
int ftruncate(int descriptor, off_t size) noexcept {
    if (!flash().enter())
        return -1;
    flash().changing(descriptor);
    return static_cast<int>(::syscall(SYS_ftruncate, descriptor, size));
}
int ftruncate64(int descriptor, off_t size) noexcept {
    return ftruncate(descriptor, size);
}
int fsync(int descriptor) {
    if (!flash().enter())
        return -1;
    flash().flushed(descriptor);
    return 0;
}
int fdatasync(int) {
    return flash().enter() ? 0 : -1;
}
int rename(const char* from, const char* to) noexcept {
    if (!flash().enter())
        return -1;
    return flash().rename(from, to);
}
}
