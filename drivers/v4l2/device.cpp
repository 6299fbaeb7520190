#include "drivers/v4l2/device.h"

#include <cerrno>
#include <linux/videodev2.h>
#include <system_error>

namespace ykt::drivers::v4l2 {

Result<std::unique_ptr<Device>> Device::open(const std::filesystem::path& path, SystemCalls& calls) {
    const int descriptor = calls.open(path.c_str());
    if (descriptor < 0)
        return fail(Reason::camera_gone,
                    path.string() + ": " + std::error_code(errno, std::generic_category()).message());
    std::unique_ptr<Device> device(new Device(path, descriptor, calls));
    if (const auto capable = device->checkCapability(); !capable)
        return failWith(capable);
    return device;
}

Result<void> Device::checkCapability() const {
    v4l2_capability capability{};
    if (const int error = control(VIDIOC_QUERYCAP, capability); error != 0)
        return gone("QUERYCAP", error);
    const auto offered = (capability.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? capability.device_caps
                                                                               : capability.capabilities;
    if ((offered & V4L2_CAP_VIDEO_CAPTURE) == 0)
        return fail(Reason::camera_gone, path_.string() + ((offered & V4L2_CAP_VIDEO_CAPTURE_MPLANE) != 0
                                                               ? ": captures multi-planar only"
                                                               : ": captures no video"));
    if ((offered & V4L2_CAP_STREAMING) == 0)
        return fail(Reason::camera_gone, path_.string() + ": does not stream");
    return {};
}

int Device::controlAny(unsigned long request, void* argument) const {
    constexpr int mostInterruptions = 100;
    for (int tries = 0; tries < mostInterruptions; ++tries) {
        if (calls_.ioctl(descriptor_, request, argument) >= 0)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return EINTR;
}

tl::unexpected<Error> Device::gone(const std::string& asked, int error) const {
    return fail(Reason::camera_gone, path_.string() + ": " + asked + ": " +
                                         std::error_code(error, std::generic_category()).message());
}

} // namespace ykt::drivers::v4l2
