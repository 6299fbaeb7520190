#include "drivers/v4l2/controls.h"

#include <algorithm>
#include <array>
#include <linux/videodev2.h>
#include <system_error>

namespace ykt::drivers::v4l2 {
namespace {

struct Setting {
    std::string_view name; // in the profile
    std::optional<std::int32_t> value;
    std::uint32_t id;
    std::uint32_t automaticId; // 0: none
    std::int32_t manual;       // the value that switches the automatic off
};

std::optional<std::int32_t> menuItemOf(std::optional<std::int32_t> hertz) {
    if (!hertz)
        return std::nullopt;
    return *hertz == 50   ? V4L2_CID_POWER_LINE_FREQUENCY_50HZ
           : *hertz == 60 ? V4L2_CID_POWER_LINE_FREQUENCY_60HZ
                          : V4L2_CID_POWER_LINE_FREQUENCY_DISABLED;
}

// The nearest that the device allows; nullopt: it does not have the control.
std::optional<std::int32_t> bounded(const Device& device, std::uint32_t id, std::int32_t value) {
    v4l2_queryctrl range{};
    range.id = id;
    if (device.control(VIDIOC_QUERYCTRL, range) != 0 || (range.flags & V4L2_CTRL_FLAG_DISABLED) != 0 ||
        range.minimum > range.maximum)
        return std::nullopt;
    const std::int64_t least = range.minimum;
    const std::int64_t step = std::max(range.step, 1);
    const std::int64_t within = std::clamp<std::int64_t>(value, least, range.maximum);
    const auto nearest = least + (within - least + step / 2) / step * step;
    return static_cast<std::int32_t>(nearest > range.maximum ? nearest - step : nearest);
}

int write(const Device& device, std::uint32_t id, std::int32_t value) {
    v4l2_control control{id, value};
    return device.control(VIDIOC_S_CTRL, control);
}

void apply(const Setting& setting, const Device& device, NoticeBoard& notices) {
    if (!setting.value)
        return;
    const std::string name(setting.name);
    const auto value = bounded(device, setting.id, *setting.value);
    if (!value) {
        notices.say("it has no control for " + name);
        return;
    }
    // Not every device that has the control has the automatic one.
    if (setting.automaticId != 0 && bounded(device, setting.automaticId, setting.manual))
        if (const int error = write(device, setting.automaticId, setting.manual); error != 0)
            notices.say("it does not end its automatic " + name);
    if (const int error = write(device, setting.id, *value); error != 0)
        notices.say("it refuses " + name + ": " + std::error_code(error, std::generic_category()).message());
    else if (*value != *setting.value)
        notices.say(name + " is set to " + std::to_string(*value) + ", the nearest that it allows");
}

} // namespace

void apply(const Controls& controls, const Device& device, NoticeBoard& notices) {
    const std::array<Setting, 5> settings{
        Setting{"exposure_100us", controls.exposure100us, V4L2_CID_EXPOSURE_ABSOLUTE, V4L2_CID_EXPOSURE_AUTO,
                V4L2_EXPOSURE_MANUAL},
        Setting{"gain", controls.gain, V4L2_CID_GAIN, V4L2_CID_AUTOGAIN, 0},
        Setting{"focus", controls.focus, V4L2_CID_FOCUS_ABSOLUTE, V4L2_CID_FOCUS_AUTO, 0},
        Setting{"white_balance_k", controls.whiteBalance, V4L2_CID_WHITE_BALANCE_TEMPERATURE,
                V4L2_CID_AUTO_WHITE_BALANCE, 0},
        Setting{"power_line_hz", menuItemOf(controls.powerLineHertz), V4L2_CID_POWER_LINE_FREQUENCY, 0, 0}};
    for (const auto& setting : settings)
        apply(setting, device, notices);
}

} // namespace ykt::drivers::v4l2
