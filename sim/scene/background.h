// What stands behind the phone.
#pragma once

#include "sim/scene/plane.h"
#include "sim/scene/scene.h"

namespace ykt::sim {

Plane drawBackground(const SceneSettings& settings);

} // namespace ykt::sim
