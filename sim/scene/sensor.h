// From light to the bytes of a frame.
#pragma once

#include "sim/scene/plane.h"
#include "sim/scene/scene.h"

namespace ykt::sim {

// With the sensor's noise, in whole luma steps of 0..255.
Image expose(const Plane& plane, const SceneSettings& settings);

// What is left of the frame once a camera has sent it as JPEG of the quality 1..100.
Image throughJpeg(const Image& image, int quality);

} // namespace ykt::sim
