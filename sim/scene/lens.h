// What the lens and a moving hand blur.
#pragma once

#include "sim/scene/plane.h"
#include "sim/scene/scene.h"

namespace ykt::sim {

// Defocus and motion blur of the whole frame; its edges repeat.
void blur(Plane& plane, const SceneSettings& settings);

} // namespace ykt::sim
