// A camera of 4 x 2 pixels on a played kernel, and what an operator is told of it.
#pragma once

#include "drivers/v4l2/camera.h"
#include "played_camera.h"

#include <catch2/catch.hpp>

namespace ykt::test {

using drivers::v4l2::Camera;
using drivers::v4l2::PixelFormat;

struct CameraSetup {
    explicit CameraSetup(std::vector<PixelFormat> formats = {PixelFormat::grey, PixelFormat::nv12,
                                                             PixelFormat::yuyv, PixelFormat::mjpeg}) {
        settings.device = "/dev/video0";
        settings.width = 4;
        settings.height = 2;
        settings.formats = std::move(formats);
    }
    Camera& camera() {
        if (!made)
            made = std::make_unique<Camera>(
                settings, clock, [this](const std::string& text) { told.push_back(text); }, kernel);
        return *made;
    }
    // Opens the device: there is no frame yet.
    void open() { REQUIRE_FALSE(frame(Milliseconds{0})); }
    std::optional<hal::Frame> frame(Milliseconds timeout = Milliseconds{500}) {
        const auto next = camera().nextFrame({}, timeout);
        INFO((next ? std::string() : explain(next.error())));
        REQUIRE(next);
        return *next;
    }
    bool isGone() {
        const auto next = camera().nextFrame({}, Milliseconds{500});
        return !next && next.error() == Reason::camera_gone;
    }

    hal::ManualClock clock{wallFromUnixSeconds(1'800'000'000)};
    PlayedCamera kernel{clock};
    drivers::v4l2::Settings settings;
    std::vector<std::string> told;
    std::unique_ptr<Camera> made;
};

inline Bytes picture(std::uint8_t grey) {
    return Bytes(8, grey);
}

inline std::uint8_t firstPixel(const std::optional<hal::Frame>& frame) {
    REQUIRE(frame);
    return frame->luma[0];
}

} // namespace ykt::test
