#include "drivers/v4l2/stream.h"

#include <algorithm>
#include <cerrno>
#include <linux/videodev2.h>
#include <sys/mman.h>

namespace ykt::drivers::v4l2 {
namespace {

// One that the caller looks at, one that the device fills, two that wait.
constexpr std::uint32_t wantedBuffers = 4;
constexpr std::uint32_t leastBuffers = 2;

v4l2_buffer bufferOf(std::uint32_t index) {
    v4l2_buffer buffer{};
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    buffer.index = index;
    return buffer;
}

std::optional<std::chrono::nanoseconds> stampOf(const v4l2_buffer& buffer) {
    if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC)
        return std::nullopt;
    return std::chrono::seconds{buffer.timestamp.tv_sec} +
           std::chrono::microseconds{buffer.timestamp.tv_usec};
}

} // namespace

Result<std::unique_ptr<Stream>> Stream::start(std::unique_ptr<Device> device, const StreamFormat& format,
                                              Drops& drops) {
    std::unique_ptr<Stream> stream(new Stream(std::move(device), format, drops));
    if (const auto mapped = stream->mapBuffers(); !mapped)
        return failWith(mapped);
    if (const auto begun = stream->begin(); !begun)
        return failWith(begun);
    return stream;
}

Stream::~Stream() {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    std::ignore = device_->control(VIDIOC_STREAMOFF, type); // a device that is gone cannot
    for (const auto& buffer : buffers_)
        device_->calls().unmap(buffer.address, buffer.length);
}

Result<void> Stream::mapBuffers() {
    v4l2_requestbuffers request{};
    request.count = wantedBuffers;
    request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    request.memory = V4L2_MEMORY_MMAP;
    if (const int error = device_->control(VIDIOC_REQBUFS, request); error != 0)
        return device_->gone("REQBUFS", error);
    if (request.count < leastBuffers || request.count > VIDEO_MAX_FRAME)
        return device_->gone("REQBUFS", ENOBUFS);
    for (std::uint32_t i = 0; i < request.count; ++i) {
        auto buffer = bufferOf(i);
        if (const int error = device_->control(VIDIOC_QUERYBUF, buffer); error != 0)
            return device_->gone("QUERYBUF", error);
        if (buffer.length < format_.leastBytes)
            return device_->gone("QUERYBUF", EMSGSIZE);
        void* address =
            device_->calls().map(device_->descriptor(), buffer.length, static_cast<off_t>(buffer.m.offset));
        if (address == MAP_FAILED)
            return device_->gone("mmap", errno);
        buffers_.push_back({address, buffer.length});
    }
    return {};
}

Result<void> Stream::begin() {
    for (std::uint32_t i = 0; i < buffers_.size(); ++i)
        if (const auto queued = queue(i); !queued)
            return queued;
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = device_->control(VIDIOC_STREAMON, type); error != 0)
        return device_->gone("STREAMON", error);
    return {};
}

Result<void> Stream::restart() {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (const int error = device_->control(VIDIOC_STREAMOFF, type); error != 0)
        return device_->gone("STREAMOFF", error);
    held_.reset(); // the kernel has taken all buffers off its queues
    for (auto& buffer : buffers_)
        buffer.queued = false;
    return begin();
}

Result<void> Stream::queue(std::uint32_t index) {
    auto buffer = bufferOf(index);
    if (const int error = device_->control(VIDIOC_QBUF, buffer); error != 0)
        return device_->gone("QBUF", error);
    buffers_[index].queued = true;
    return {};
}

Result<void> Stream::giveBack() {
    if (!held_)
        return {};
    const auto index = *held_;
    held_.reset();
    return queue(index);
}

Result<void> Stream::supersede() {
    if (held_)
        ++drops_.superseded;
    return giveBack();
}

bool Stream::holdsFrame(std::uint32_t flags, std::size_t used) {
    if ((flags & V4L2_BUF_FLAG_ERROR) != 0)
        ++drops_.flagged;
    else if (used < format_.leastBytes)
        ++drops_.incomplete;
    else
        return true;
    return false;
}

Result<std::optional<Filled>> Stream::takeNewest() {
    const auto queued = std::ranges::count(buffers_, true, &Buffer::queued);
    const auto mostReady = queued + (held_ ? 1 : 0);
    if (const auto given = giveBack(); !given)
        return failWith(given);
    std::optional<Filled> newest;
    std::ptrdiff_t ready = 0;
    for (; ready < mostReady; ++ready) {
        auto buffer = bufferOf(0);
        const int error = device_->control(VIDIOC_DQBUF, buffer);
        if (error == EAGAIN)
            break;
        if (error != 0)
            return device_->gone("DQBUF", error);
        if (buffer.index >= buffers_.size() || !buffers_[buffer.index].queued) {
            ++drops_.foreign;
            continue;
        }
        auto& memory = buffers_[buffer.index];
        memory.queued = false;
        const auto used = std::min<std::size_t>(buffer.bytesused, memory.length);
        const bool good = holdsFrame(buffer.flags, used);
        if (const auto returned = good ? supersede() : queue(buffer.index); !returned)
            return failWith(returned);
        if (good) {
            held_ = buffer.index;
            newest = Filled{{static_cast<const std::uint8_t*>(memory.address), used}, stampOf(buffer)};
        }
    }
    overran_ = newest && ready == queued && queued > 1;
    return newest;
}

} // namespace ykt::drivers::v4l2
