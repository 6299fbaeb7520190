#include "sim/scene/symbol.h"

#include <memory>
#include <qrencode.h>

namespace ykt::sim {
namespace {

constexpr std::uint8_t lightLuma = 255;

using Code = std::unique_ptr<QRcode, decltype(&QRcode_free)>;

Code encode(ByteView payload, QRecLevel level) {
    constexpr int anyVersion = 0;
    return {QRcode_encodeData(static_cast<int>(payload.size()), payload.data(), anyVersion, level),
            &QRcode_free};
}

} // namespace

Result<Image> renderSymbol(ByteView payload, int pixelsPerModule) {
    constexpr std::size_t mostBytes = 2953; // version 40, level L
    if (payload.empty() || payload.size() > mostBytes || pixelsPerModule < 1 || pixelsPerModule > 64)
        return fail(Reason::input_malformed, "symbol");
    auto code = encode(payload, QR_ECLEVEL_M);
    if (!code)
        code = encode(payload, QR_ECLEVEL_L);
    if (!code)
        return fail(Reason::input_malformed, "symbol");
    const int side = (code->width + 2 * quietZone) * pixelsPerModule;
    Image image{side, side,
                Bytes(static_cast<std::size_t>(side) * static_cast<std::size_t>(side), lightLuma)};
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const int column = x / pixelsPerModule - quietZone;
            const int row = y / pixelsPerModule - quietZone;
            if (column < 0 || row < 0 || column >= code->width || row >= code->width)
                continue;
            if ((code->data[row * code->width + column] & 1) != 0)
                image.luma[static_cast<std::size_t>(y * side + x)] = 0;
        }
    return image;
}

} // namespace ykt::sim
