// The phone's screen, with what lies on it.
#pragma once

#include "sim/scene/plane.h"
#include "sim/scene/view.h"

namespace ykt::sim {

// The symbol (not empty) with blots over `settings.dirtArea` of its modules. Blots spare the finder patterns:
// a symbol that has lost one is not to be found, whatever its error correction could mend.
Image soiled(const Image& symbol, const SceneSettings& settings);

// Draws the symbol over the background.
void drawScreen(Plane& plane, const Image& symbol, const View& view, const SceneSettings& settings);

// The pixels that the symbol with its quiet zone can touch: from left, top to below right, bottom.
struct Box {
    int left, top, right, bottom;
};
Box boxOf(const Image& symbol, const View& view, const SceneSettings& settings);

} // namespace ykt::sim
