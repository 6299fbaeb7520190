// A device that streams into buffers of the kernel, which this program sees through its memory.
#pragma once

#include "drivers/v4l2/format.h"
#include "hal/camera.h"

#include <vector>

namespace ykt::drivers::v4l2 {

// Buffers that held no frame for the caller, since the camera was made.
struct Drops {
    std::uint64_t flagged = 0;    // the driver says that the data is bad
    std::uint64_t incomplete = 0; // empty, or shorter than a frame of the format
    std::uint64_t foreign = 0;    // the driver names a buffer that it was not given
    std::uint64_t undecodable = 0;
    std::uint64_t superseded = 0; // good, but a newer one was there, or it may have lain in a full queue
};

struct Filled {
    ByteView bytes;
    // CLOCK_MONOTONIC; nullopt: the driver stamps by another clock.
    std::optional<std::chrono::nanoseconds> stamped;
};

class Stream {
  public:
    // `drops` is counted up and outlives the stream. Errors: camera_gone.
    static Result<std::unique_ptr<Stream>> start(std::unique_ptr<Device> device, const StreamFormat& format,
                                                 Drops& drops);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // The newest frame that is ready; the device gets all other buffers back, and this one at the next call
    // of takeNewest, giveBack or restart. Errors: camera_gone.
    Result<std::optional<Filled>> takeNewest();
    // Whether every buffer that the device had was full when the newest was taken (the one that the caller
    // looked at it did not have): there was nowhere to put newer frames, so this one may be old.
    [[nodiscard]] bool overran() const { return overran_; }
    Result<void> giveBack();

    // Streaming off and on. Errors: camera_gone.
    Result<void> restart();

    [[nodiscard]] const Device& device() const { return *device_; }
    [[nodiscard]] const StreamFormat& format() const { return format_; }

  private:
    struct Buffer {
        void* address;
        std::size_t length; // bytes
        bool queued = false;
    };

    Stream(std::unique_ptr<Device> device, const StreamFormat& format, Drops& drops)
        : device_(std::move(device)), format_(format), drops_(drops) {}
    Result<void> mapBuffers();
    Result<void> begin();
    Result<void> queue(std::uint32_t index);
    Result<void> supersede();
    // Whether the buffer holds a whole frame; counts it if not.
    bool holdsFrame(std::uint32_t flags, std::size_t used);

    std::unique_ptr<Device> device_;
    StreamFormat format_;
    Drops& drops_;
    std::vector<Buffer> buffers_;
    std::optional<std::uint32_t> held_; // the buffer that the caller looks at
    bool overran_ = false;
};

} // namespace ykt::drivers::v4l2
