// Exposure, gain, focus, white balance and mains filter of a camera, as the profile sets them.
#pragma once

#include "drivers/notice.h"
#include "drivers/v4l2/device.h"
#include "drivers/v4l2/settings.h"

namespace ykt::drivers::v4l2 {

// Sets what is given, each by its control of V4L2, within what the device allows and after its automatic
// counterpart is switched off. What the device lacks, refuses or bounds is said and does no other harm.
void apply(const Controls& controls, const Device& device, NoticeBoard& notices);

} // namespace ykt::drivers::v4l2
