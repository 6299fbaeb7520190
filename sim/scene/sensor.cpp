#include "sim/scene/sensor.h"

#include "sim/scene/chance.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <turbojpeg.h>

namespace ykt::sim {

Image expose(const Plane& plane, const SceneSettings& settings) {
    Chance noise(settings.seed + (settings.noiseSeed << 32), Chance::Stream::noise);
    const auto sigma = static_cast<float>(settings.noiseSigma * std::pow(10.0, settings.gainDb / 20.0));
    Image image{plane.width, plane.height, Bytes(plane.values.size())};
    std::ranges::transform(plane.values, image.luma.begin(), [&](float value) {
        return static_cast<std::uint8_t>(std::clamp(value + sigma * noise.normal() + 0.5F, 0.0F, 255.0F));
    });
    return image;
}

Image throughJpeg(const Image& image, int quality) {
    using Handle = std::unique_ptr<void, decltype(&tjDestroy)>;
    const Handle compressor(tjInitCompress(), &tjDestroy);
    const Handle decompressor(tjInitDecompress(), &tjDestroy);
    unsigned char* bytes = nullptr;
    unsigned long size = 0;
    const bool compressed =
        compressor && tjCompress2(compressor.get(), image.luma.data(), image.width, 0, image.height,
                                  TJPF_GRAY, &bytes, &size, TJSAMP_GRAY, quality, 0) == 0;
    const std::unique_ptr<unsigned char, decltype(&tjFree)> jpeg(bytes, &tjFree);
    Image out{image.width, image.height, Bytes(image.luma.size())};
    if (!compressed || !decompressor ||
        tjDecompress2(decompressor.get(), jpeg.get(), size, out.luma.data(), out.width, 0, out.height,
                      TJPF_GRAY, 0) != 0)
        throw std::bad_alloc(); // a frame has sizes that libjpeg takes: it can only lack memory
    return out;
}

} // namespace ykt::sim
