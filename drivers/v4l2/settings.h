// What a profile says about one V4L2 camera.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace ykt::drivers::v4l2 {

// The pixel formats that luma is had from: GREY and NV12 without a copy, YUYV by a loop, MJPEG by a decoder.
enum class PixelFormat { grey, nv12, yuyv, mjpeg };

// What is not given stays as the device has it.
struct Controls {
    std::optional<std::int32_t> exposure100us;  // units of 100 microseconds; ends automatic exposure
    std::optional<std::int32_t> gain;           // the device's own units; ends automatic gain
    std::optional<std::int32_t> focus;          // the device's own units; ends automatic focus
    std::optional<std::int32_t> whiteBalance;   // kelvin; ends automatic white balance
    std::optional<std::int32_t> powerLineHertz; // 0 (no filter), 50 or 60: bands that mains light makes
};

struct Settings {
    std::filesystem::path device; // /dev/v4l/by-id/... names the same camera on any /dev/videoN
    std::uint32_t width = 640;    // pixels; the device takes the nearest that it has
    std::uint32_t height = 480;   // pixels
    std::uint32_t frameRate = 30; // a second; the device takes the nearest that it has
    // The first of these that the device offers is used.
    std::vector<PixelFormat> formats{PixelFormat::grey, PixelFormat::nv12, PixelFormat::yuyv,
                                     PixelFormat::mjpeg};
    Controls controls;
};

} // namespace ykt::drivers::v4l2
