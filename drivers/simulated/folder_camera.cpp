#include "drivers/simulated/folder_camera.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
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

Result<std::unique_ptr<FolderCamera>> FolderCamera::open(fs::path source, const hal::Clock& clock) {
    std::unique_ptr<FolderCamera> camera(new FolderCamera(std::move(source), clock));
    if (auto watched = camera->watch(); !watched)
        return failWith(watched);
    return camera;
}

FolderCamera::~FolderCamera() {
    for (const int fd : {notices_, wake_})
        if (fd >= 0)
            ::close(fd);
}

Result<void> FolderCamera::watch() {
    notices_ = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (notices_ < 0 || wake_ < 0)
        return fail(Reason::camera_gone, "inotify");
    std::error_code error;
    if (fs::is_regular_file(source_, error)) {
        waiting_.insert(source_);
        return {};
    }
    // Watched before it is read, so that no file falls between.
    if (::inotify_add_watch(notices_, source_.c_str(),
                            kComplete | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) < 0)
        return fail(Reason::camera_gone, source_.string());
    scan();
    return {};
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
    if (auto waited = await(stop, waiting_.empty() ? timeout : Milliseconds{0}); !waited)
        return failWith(waited);
    return show();
}

Result<void> FolderCamera::await(const std::stop_token& stop, Milliseconds timeout) {
    const std::stop_callback wakeUp(stop, [this] { ::eventfd_write(wake_, 1); });
    std::array<pollfd, 2> waits{pollfd{notices_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    const auto limit = std::clamp<Milliseconds::rep>(timeout.count(), 0, INT_MAX);
    ::poll(waits.data(), waits.size(), static_cast<int>(limit));
    if (stop.stop_requested()) {
        eventfd_t count = 0;
        ::eventfd_read(wake_, &count);
        return fail(Reason::cancelled, source_.string());
    }
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
