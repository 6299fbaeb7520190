#include "sim/scene/scene.h"

#include "sim/scene/background.h"
#include "sim/scene/lens.h"
#include "sim/scene/light.h"
#include "sim/scene/screen.h"
#include "sim/scene/sensor.h"

namespace ykt::sim {

Image photograph(const Image& symbol, const SceneSettings& settings) {
    auto plane = drawBackground(settings);
    if (symbol.width > 0) {
        const View view(symbol, settings);
        drawScreen(plane, soiled(symbol, settings), view, settings);
        blur(plane, settings);
        flicker(plane, symbol, view, settings);
        addGlare(plane, symbol, view, settings);
    } else {
        blur(plane, settings);
    }
    shade(plane, settings);
    auto image = expose(plane, settings);
    return settings.jpegQuality > 0 ? throughJpeg(image, settings.jpegQuality) : image;
}

} // namespace ykt::sim
