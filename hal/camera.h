// Cameras give luma frames; scan engines that decode by themselves give payloads.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <stop_token>
#include <string>

namespace ykt::hal {

// A view of one 8-bit luma plane. Valid until the next call of the camera that gave it.
struct Frame {
    const std::uint8_t* luma = nullptr;
    int width = 0;  // pixels
    int height = 0; // pixels
    int stride = 0; // bytes from one row to the next, at least width
    MonotonicTime taken{};
};

class Camera {
  public:
    virtual ~Camera() = default;
    [[nodiscard]] virtual std::string name() const = 0;

    // The newest frame. nullopt: none within `timeout`. Errors: camera_gone, frame_invalid, cancelled.
    virtual Result<std::optional<Frame>> nextFrame(std::stop_token stop, Milliseconds timeout) = 0;
};

// A serial or USB scan engine, which reads symbols by itself.
class CodeScanner {
  public:
    virtual ~CodeScanner() = default;
    [[nodiscard]] virtual std::string name() const = 0;

    // The next payload, as raw bytes. nullopt: none within `timeout`. Errors: camera_gone, cancelled.
    virtual Result<std::optional<Bytes>> nextPayload(std::stop_token stop, Milliseconds timeout) = 0;
};

} // namespace ykt::hal
