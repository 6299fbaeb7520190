// An open V4L2 device.
#pragma once

#include "base/result.h"
#include "drivers/v4l2/system_calls.h"

#include <filesystem>
#include <memory>

namespace ykt::drivers::v4l2 {

class Device {
  public:
    // Errors: camera_gone (absent, in use, not allowed, or without single-planar capture by streaming). A
    // device that has multi-planar capture only is of this kind: those of boards' own camera interfaces,
    // which need their pipeline set up by media-ctl and not by this driver.
    static Result<std::unique_ptr<Device>> open(const std::filesystem::path& path, SystemCalls& calls);
    ~Device() { calls_.close(descriptor_); }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    // 0, or the errno of the ioctl.
    template <typename Argument>
    [[nodiscard]] int control(unsigned long request, Argument& argument) const {
        return controlAny(request, &argument);
    }

    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] SystemCalls& calls() const { return calls_; }
    // camera_gone, with the device, what was asked of it, and what errno means.
    [[nodiscard]] tl::unexpected<Error> gone(const std::string& asked, int error) const;

  private:
    Device(std::filesystem::path path, int descriptor, SystemCalls& calls)
        : path_(std::move(path)), descriptor_(descriptor), calls_(calls) {}
    [[nodiscard]] int controlAny(unsigned long request, void* argument) const;
    [[nodiscard]] Result<void> checkCapability() const;

    std::filesystem::path path_;
    int descriptor_;
    SystemCalls& calls_;
};

} // namespace ykt::drivers::v4l2
