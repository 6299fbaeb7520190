// The parts of a profile that are about cameras and scan engines: [[cameras]], [[scanners]]. Private to the
// room.
#pragma once

#include "firmware/config/settings.h"
#include "firmware/config/table_reader.h"

namespace ykt::firmware::config {

CameraSettings readCamera(TableReader table);
ScannerSettings readScanner(TableReader table);

} // namespace ykt::firmware::config
