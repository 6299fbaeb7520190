// A camera that shows image files.
#pragma once

#include "drivers/simulated/image.h"
#include "hal/clock.h"

#include <set>

namespace ykt::drivers {

// Shows one image file, or the files *.png and *.pgm of a folder: first those that are there, in the order of
// their names, then new ones as they come. A file comes when its writer closes it or it is renamed into the
// folder, and is shown once each time; names that begin with a dot are passed over. One thread may use it.
class FolderCamera : public hal::Camera {
  public:
    // `clock` stamps frames and must outlive the camera. Errors: camera_gone (no such file or folder).
    static Result<std::unique_ptr<FolderCamera>> open(std::filesystem::path source, const hal::Clock& clock);
    ~FolderCamera() override;
    FolderCamera(const FolderCamera&) = delete;
    FolderCamera& operator=(const FolderCamera&) = delete;

    [[nodiscard]] std::string name() const override { return source_.string(); }

    // One file a call; nullopt may come before `timeout` when only other files came. Errors: frame_invalid
    // (the next file is no image; it is passed over from then on), camera_gone (the folder went), cancelled.
    Result<std::optional<hal::Frame>> nextFrame(std::stop_token stop, Milliseconds timeout) override;

  private:
    FolderCamera(std::filesystem::path source, const hal::Clock& clock)
        : source_(std::move(source)), clock_(clock) {}

    Result<void> watch();
    void scan();
    void add(const std::string& fileName);
    Result<void> await(const std::stop_token& stop, Milliseconds timeout);
    Result<void> readNotices();
    Result<std::optional<hal::Frame>> show();

    const std::filesystem::path source_;
    const hal::Clock& clock_;
    int notices_ = -1; // inotify
    int wake_ = -1;    // eventfd: the stop token was stopped
    std::set<std::filesystem::path> waiting_;
    Image shown_;
};

} // namespace ykt::drivers
