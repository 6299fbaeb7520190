// A frame at twice its size, for symbols whose modules have few pixels.
#pragma once

#include "hal/camera.h"

namespace ykt::qr {

// Bicubic, edges repeated. `out` becomes 4 * width * height bytes, rows without padding.
void enlargeTwice(const hal::Frame& frame, Bytes& out);

} // namespace ykt::qr
