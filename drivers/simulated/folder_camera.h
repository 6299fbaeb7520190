// A camera that shows image files.
#pragma once

#include "drivers/simulated/image.h"
#include "drivers/stop_wake.h"
#include "hal/clock.h"

#include <set>

namespace ykt::drivers {

// Shows one image file, or the files *.png and *.pgm of a folder: first those that are there, in the order of
// their names, then new ones as they come. A file comes when its writer closes it or it is renamed into the
// folder, and is shown once each time; names that begin with a dot are passed over. A folder that is not
// there yet, or went, is looked for at each call and begun anew when it is there. One thread may use it.
class FolderCamera : public hal::Camera {
  public:
    // `clock` stamps frames and must outlive the camera.
    FolderCamera(std::filesystem::path source, const hal::Clock& clock)
        : source_(std::move(source)), clock_(clock) {}
    ~FolderCamera() override;
    FolderCamera(const FolderCamera&) = delete;
    FolderCamera& operator=(const FolderCamera&) = delete;

    [[nodiscard]] std::string name() const override { return source_.string(); }

    // One file a call; nullopt may come before `timeout` when only other files came. Errors: frame_invalid
    // (the next file is no image; it is passed over from then on), camera_gone (no such file or folder, or it
    // went), cancelled.
    Result<std::optional<hal::Frame>> nextFrame(std::stop_token stop, Milliseconds timeout) override;

  private:
    Result<void> watch();
    void unwatch();
    void scan();
    void add(const std::string& fileName);
    Result<void> await(const std::stop_token& stop, Milliseconds timeout);
    Result<void> readNotices();
    Result<std::optional<hal::Frame>> show();

    const std::filesystem::path source_;
    const hal::Clock& clock_;
    StopWake wake_;
    int notices_ = -1; // inotify; -1: the source is not watched
    std::set<std::filesystem::path> waiting_;
    Image shown_;
};

} // namespace ykt::drivers
