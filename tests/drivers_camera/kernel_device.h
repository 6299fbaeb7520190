// The first camera of this machine's kernel, and what a test asks of the device itself, beside the driver.
#pragma once

#include "drivers/system/clock.h"
#include "drivers/v4l2/camera.h"

#include <catch2/catch.hpp>
#include <linux/videodev2.h>
#include <set>

namespace ykt::test {

constexpr Milliseconds soon{5000};

// The first device that the driver takes for a camera. None: this machine has other video devices only.
inline std::optional<std::filesystem::path> firstCamera() {
    std::set<std::filesystem::path> devices;
    for (const auto& entry : std::filesystem::directory_iterator("/dev"))
        if (entry.path().filename().string().starts_with("video"))
            devices.insert(entry.path());
    for (const auto& device : devices)
        if (drivers::v4l2::Device::open(device, drivers::v4l2::kernelCalls()))
            return device;
    return std::nullopt;
}

// A second user of the device, as v4l2-ctl is one.
class KernelDevice {
  public:
    explicit KernelDevice(const std::filesystem::path& path) {
        auto opened = drivers::v4l2::Device::open(path, drivers::v4l2::kernelCalls());
        INFO((opened ? std::string() : explain(opened.error())));
        REQUIRE(opened);
        device_ = std::move(*opened);
    }

    [[nodiscard]] std::string driver() const {
        v4l2_capability capability{};
        REQUIRE(device_->control(VIDIOC_QUERYCAP, capability) == 0);
        return reinterpret_cast<const char*>(capability.driver);
    }
    [[nodiscard]] v4l2_pix_format format() const {
        v4l2_format format{};
        format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        REQUIRE(device_->control(VIDIOC_G_FMT, format) == 0);
        return format.fmt.pix;
    }
    [[nodiscard]] v4l2_fract framePeriod() const {
        v4l2_streamparm parameters{};
        parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
        REQUIRE(device_->control(VIDIOC_G_PARM, parameters) == 0);
        return parameters.parm.capture.timeperframe;
    }
    [[nodiscard]] std::int32_t control(std::uint32_t id) const {
        v4l2_control control{id, 0};
        REQUIRE(device_->control(VIDIOC_G_CTRL, control) == 0);
        return control.value;
    }
    void setControl(std::uint32_t id, std::int32_t value) const {
        v4l2_control control{id, value};
        REQUIRE(device_->control(VIDIOC_S_CTRL, control) == 0);
    }
    // A driver's own controls have no number in videodev2.h. The kernel cuts names at 31 characters.
    void setControl(const std::string& name, std::int32_t value) const {
        v4l2_queryctrl found{};
        found.id = V4L2_CTRL_FLAG_NEXT_CTRL;
        while (device_->control(VIDIOC_QUERYCTRL, found) == 0) {
            if (name.substr(0, 31) == reinterpret_cast<const char*>(found.name))
                return setControl(found.id, value);
            found.id |= V4L2_CTRL_FLAG_NEXT_CTRL;
        }
        FAIL("the device has no control '" << name << "'");
    }
    void press(const std::string& button) const { setControl(button, 1); }

  private:
    std::unique_ptr<drivers::v4l2::Device> device_;
};

} // namespace ykt::test
