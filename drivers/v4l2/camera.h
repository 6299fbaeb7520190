// A camera of Video4Linux: USB cameras and whatever else the kernel shows as /dev/videoN.
#pragma once

#include "drivers/notice.h"
#include "drivers/stop_wake.h"
#include "drivers/v4l2/luma.h"
#include "drivers/v4l2/settings.h"
#include "drivers/v4l2/stream.h"
#include "hal/camera.h"
#include "hal/clock.h"

namespace ykt::drivers::v4l2 {

// The newest frame wins: older ones that wait with it are dropped, and where the whole queue waited the next
// one is waited for. A camera that is not there is opened at the first call that finds it; one that was
// unplugged, or fails, is opened anew, with everything that the profile sets. One that streams nothing whole
// for `silence` is restarted, and opened anew if that does not help. One thread may use it.
class Camera : public hal::Camera {
  public:
    static constexpr Milliseconds silence{3000};

    // `clock` and `calls` must outlive the camera; `notice` is told what the device lacks, each once, and
    // once for each outage what happened.
    Camera(Settings settings, const hal::Clock& clock, Notice notice, SystemCalls& calls = kernelCalls())
        : settings_(std::move(settings)), clock_(clock), calls_(calls), lacks_(named(notice)),
          outage_(std::move(notice)) {}

    [[nodiscard]] std::string name() const override { return settings_.device.string(); }

    // A frame's `taken` is when the driver says it was, or when it was fetched where the driver uses another
    // clock. nullopt may come before `timeout` when only bad frames came. Errors: camera_gone (the next call
    // tries to open it again, at once: the caller waits between), cancelled.
    Result<std::optional<hal::Frame>> nextFrame(std::stop_token stop, Milliseconds timeout) override;

    // For diagnosis.
    [[nodiscard]] const Drops& drops() const { return drops_; }

  private:
    [[nodiscard]] Notice named(const Notice& notice) const;
    Result<void> open();
    Result<std::optional<hal::Frame>> look(const std::stop_token& stop, Milliseconds timeout);
    Result<std::optional<Filled>> awaitNewest(const std::stop_token& stop, Milliseconds timeout);
    Result<std::optional<hal::Frame>> show(const Filled& filled);
    Result<void> endSilence();
    [[nodiscard]] MonotonicTime takenAt(const Filled& filled) const;

    const Settings settings_;
    const hal::Clock& clock_;
    SystemCalls& calls_;
    NoticeBoard lacks_;
    NoticeBoard outage_;
    StopWake wake_;
    Drops drops_;
    std::unique_ptr<Stream> stream_; // null: the device is not open
    LumaMaker luma_;
    MonotonicTime lastSign_{}; // of life: when it was opened, restarted, or gave a frame
    bool restarted_ = false;   // since its last frame
};

} // namespace ykt::drivers::v4l2
