// A scan engine on a serial line, or one of USB that shows itself as such: it decodes by itself.
#pragma once

#include "drivers/serial/framing.h"
#include "drivers/serial/line.h"
#include "drivers/stop_wake.h"
#include "hal/camera.h"
#include "hal/clock.h"

#include <deque>

namespace ykt::drivers::serial {

// Opened at the first call that finds it, and again after it was unplugged. Noise, half frames, frames that
// are too long, of another symbology or wrongly encoded are passed over and counted. One thread may use it.
class Scanner : public hal::CodeScanner {
  public:
    // Within a frame an engine sends without a pause; USB hands it over in pieces.
    static constexpr Milliseconds longestGap{100};

    // `clock` must outlive the scanner; `notice` is told once what the line does not take, and once for each
    // outage what happened.
    Scanner(Settings settings, const hal::Clock& clock, Notice notice)
        : settings_(std::move(settings)), clock_(clock), lacks_(notice), outage_(std::move(notice)),
          frames_(settings_.frames) {}

    [[nodiscard]] std::string name() const override { return settings_.device.string(); }

    // The next payload, oldest first. Errors: camera_gone (the next call tries to open it again, at once: the
    // caller waits between), cancelled.
    Result<std::optional<Bytes>> nextPayload(std::stop_token stop, Milliseconds timeout) override;

    // For diagnosis.
    [[nodiscard]] const Discards& discards() const { return frames_.discards(); }

  private:
    Result<void> open();
    Result<std::optional<Bytes>> await(const std::stop_token& stop, Milliseconds timeout);
    Result<void> readMore(const std::stop_token& stop, Milliseconds timeout);
    void endHalfFrame();

    const Settings settings_;
    const hal::Clock& clock_;
    NoticeBoard lacks_;
    NoticeBoard outage_;
    StopWake wake_;
    std::optional<Line> line_; // none: the device is not open
    FrameReader frames_;
    MonotonicTime lastByte_{};
    std::deque<Bytes> payloads_;
};

} // namespace ykt::drivers::serial
