// Pictures of another size.
#pragma once

#include "hal/camera.h"

namespace ykt::qr {

// For symbols whose modules have few pixels. Bicubic, edges repeated. `out` becomes 4 * width * height bytes,
// rows without padding.
void enlargeTwice(const hal::Frame& frame, Bytes& out);

// For modules so large that noise, moire or dirt break them: each pixel the mean of four. `out` becomes
// (width / 2) * (height / 2) bytes, rows without padding.
void halve(const hal::Frame& frame, Bytes& out);

} // namespace ykt::qr
