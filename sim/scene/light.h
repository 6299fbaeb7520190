// What light does to a scene that is drawn: on the screen alone, and on all of it.
#pragma once

#include "sim/scene/plane.h"
#include "sim/scene/view.h"

namespace ykt::sim {

// Moire and banding, which belong to the screen's own light.
void flicker(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings);

// A reflection on the screen: a spot whose place within the symbol the seed decides.
void addGlare(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings);

// Illuminance that falls off across the frame.
void shade(Plane& plane, const SceneSettings& settings);

} // namespace ykt::sim
