// The cameras and scan engines that a profile names. What they tell goes to the log.
#pragma once

#include "firmware/config/settings.h"
#include "hal/camera.h"
#include "hal/clock.h"

#include <memory>

namespace ykt::firmware {

// None needs to be there yet: each is camera_gone until it is. `clock` must outlive them.
std::vector<std::shared_ptr<hal::Camera>> makeCameras(const std::vector<config::CameraSettings>& settings,
                                                      const hal::Clock& clock);
std::vector<std::shared_ptr<hal::CodeScanner>>
makeScanners(const std::vector<config::ScannerSettings>& settings, const hal::Clock& clock);

} // namespace ykt::firmware
