#include "drivers/simulated/folder_camera.h"

#include <array>
#include <cstring>
#include <sys/inotify.h>
#include <unistd.h>

namespace ykt::drivers {
namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kComplete = IN_CLOSE_WRITE | IN_MOVED_TO;
constexpr std::uint32_t kFolderGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;

bool isShown(const fs::path& fileName) {
    return !fileName.string().starts_with('.') &&
           (fileName.extension() == ".png" || fileName.extension() == ".pgm");
}

} // namespace

FolderCamera::~FolderCamera() {
    unwatch();
}

Result<void> FolderCamera::watch() {
    std::error_code error;
    if (!fs::exists(source_, error))
        return fail(Reason::camera_gone, source_.string());
    notices_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (notices_ < 0)
        return fail(Reason::camera_gone, "inotify");
    if (fs::is_regular_file(source_, error)) {
        waiting_.insert(source_);
        return {};
    }
    // Watched before it is read, so that no file falls between.
    if (::inotify_add_watch(notices_, source_.c_str(),
                            kComplete | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0) {
        unwatch();
        return fail(Reason::camera_gone, source_.string());
    }
    scan();
    return {};
}

// What waited in a folder that went is gone with it.
void FolderCamera::unwatch() {
    if (notices_ >= 0)
        ::close(notices_);
    notices_ = -1;
    waiting_.clear();
}

void FolderCamera::scan() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(source_, error))
        if (entry.is_regular_file(error))
            add(entry.path().filename().string());
}

void FolderCamera::add(const std::string& fileName) {
    if (isShown(fileName))
        waiting_.insert(source_ / fileName);
}

Result<std::optional<hal::Frame>> FolderCamera::nextFrame(std::stop_token stop, Milliseconds timeout) {
    if (notices_ < 0)
        if (auto watched = watch(); !watched)
            return failWith(watched);
    if (auto waited = await(stop, waiting_.empty() ? timeout : Milliseconds{0}); !waited) {
        if (waited.error() == Reason::camera_gone)
            unwatch();
        return failWith(waited);
    }
    return show();
}

Result<void> FolderCamera::await(const std::stop_token& stop, Milliseconds timeout) {
    if (const auto ready = wake_.await(notices_, POLLIN, stop, timeout); !ready)
        return failWith(ready);
    return readNotices();
}

Result<void> FolderCamera::readNotices() {
    alignas(inotify_event) std::array<char, 8192> buffer{};
    for (;;) {
        const ssize_t size = ::read(notices_, buffer.data(), buffer.size());
        if (size <= 0)
            return {};
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            inotify_event notice{};
            std::memcpy(&notice, buffer.data() + at, sizeof notice);
            if ((notice.mask & kFolderGone) != 0)
                return fail(Reason::camera_gone, source_.string());
            if ((notice.mask & IN_Q_OVERFLOW) != 0) // too many files to be told of: better twice than never
                scan();
            else if (notice.len > 0)
                add(buffer.data() + at + sizeof notice);
            at += sizeof notice + notice.len;
        }
    }
}

Result<std::optional<hal::Frame>> FolderCamera::show() {
    if (waiting_.empty())
        return std::nullopt;
    auto image = loadLuma(waiting_.extract(waiting_.begin()).value());
    if (!image)
        return failWith(image);
    shown_ = std::move(*image);
    hal::Frame frame = shown_.frame();
    frame.taken = clock_.now().monotonic;
    return frame;
}

} // namespace ykt::drivers
