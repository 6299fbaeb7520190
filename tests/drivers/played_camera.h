// A kernel with one camera, played: everything that a driver of V4L2 may do, at the test's word.
#pragma once

#include "drivers/v4l2/system_calls.h"
#include "hal/clock.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <linux/videodev2.h>
#include <map>
#include <sys/mman.h>
#include <vector>

namespace ykt::test {

// What a control allows.
inline v4l2_queryctrl range(std::int32_t least, std::int32_t most, std::int32_t step,
                            std::uint32_t flags = 0) {
    v4l2_queryctrl query{};
    query.minimum = least;
    query.maximum = most;
    query.step = step;
    query.flags = flags;
    return query;
}

class PlayedCamera final : public drivers::v4l2::SystemCalls {
  public:
    struct Delivery {
        Bytes bytes;
        std::uint32_t flags = 0;
        std::optional<std::chrono::microseconds> stamped; // monotonic
        std::optional<std::uint32_t> index;               // other than the one that was filled
    };

    explicit PlayedCamera(hal::ManualClock& clock) : clock_(clock) {}

    // What the device is.
    bool plugged = true;
    std::uint32_t capabilities = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    std::vector<std::uint32_t> formats{V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_GREY};
    std::function<void(v4l2_pix_format&)> adjust = [](v4l2_pix_format& /*as it was asked for*/) {};
    std::uint32_t mostFrames = 30; // a second
    bool setsFrameRate = true;
    std::uint32_t grantedBuffers = 4;
    std::size_t bufferBytes = 64;
    std::map<std::uint32_t, v4l2_queryctrl> controls;
    std::map<unsigned long, int> failing; // request: errno
    short pollSays = 0;                   // besides what is ready
    std::chrono::nanoseconds asleep{0};
    std::function<void()> onPoll; // after the wait, before what is ready is looked at

    // What was seen.
    std::map<std::uint32_t, std::int32_t> written; // controls
    std::vector<unsigned long> requests;
    int opened = 0;
    int closed = 0;
    int mapped = 0;
    v4l2_pix_format format{};

    // Into the first buffer that is queued; false: none is, so the frame is lost as in a camera.
    bool deliver(Delivery delivery) {
        if (queued_.empty())
            return false;
        const auto index = queued_.front();
        queued_.pop_front();
        std::copy_n(delivery.bytes.begin(), std::min(delivery.bytes.size(), memory_[index].size()),
                    memory_[index].begin());
        ready_.emplace_back(index, std::move(delivery));
        return true;
    }
    [[nodiscard]] std::size_t queued() const { return queued_.size(); }
    [[nodiscard]] bool streaming() const { return streaming_; }
    [[nodiscard]] std::ptrdiff_t countOf(unsigned long request) const {
        return std::count(requests.begin(), requests.end(), request);
    }

    int open(const char* /*path*/) override {
        if (!plugged)
            return failed(ENOENT);
        ++opened;
        return descriptor;
    }
    int close(int /*device*/) override {
        ++closed;
        stop();
        return 0;
    }
    void* map(int /*device*/, std::size_t length, off_t offset) override {
        const auto index = static_cast<std::size_t>(offset) / bufferOffset;
        if (index >= memory_.size() || length != memory_[index].size()) {
            errno = EINVAL;
            return MAP_FAILED;
        }
        ++mapped;
        return memory_[index].data();
    }
    int unmap(void* /*address*/, std::size_t /*length*/) override {
        --mapped;
        return 0;
    }
    std::chrono::nanoseconds slept() override { return asleep; }

    // Time passes only here.
    int poll(pollfd* waits, nfds_t count, int milliseconds) override {
        for (nfds_t i = 0; i < count; ++i)
            waits[i].revents = 0;
        if (ready_.empty() && pollSays == 0)
            clock_.advance(Milliseconds{milliseconds});
        if (onPoll)
            onPoll();
        waits[0].revents = static_cast<short>(pollSays | (ready_.empty() ? 0 : POLLIN));
        return waits[0].revents != 0 ? 1 : 0;
    }

    int ioctl(int device, unsigned long request, void* argument) override {
        requests.push_back(request);
        if (device != descriptor)
            return failed(EBADF);
        if (const auto found = failing.find(request); found != failing.end())
            return failed(found->second);
        if (!plugged)
            return failed(ENODEV);
        return answer(request, argument);
    }

    static constexpr int descriptor = 1'000'000;

  private:
    static constexpr std::size_t bufferOffset = 4096;

    static int failed(int error) {
        errno = error;
        return -1;
    }

    void stop() {
        streaming_ = false;
        queued_.clear();
        ready_.clear();
    }

    int answer(unsigned long request, void* argument) {
        switch (request) {
        case VIDIOC_QUERYCAP:
            static_cast<v4l2_capability*>(argument)->capabilities = V4L2_CAP_DEVICE_CAPS;
            static_cast<v4l2_capability*>(argument)->device_caps = capabilities;
            return 0;
        case VIDIOC_ENUM_FMT:
            return describe(*static_cast<v4l2_fmtdesc*>(argument));
        case VIDIOC_S_FMT:
            format = static_cast<v4l2_format*>(argument)->fmt.pix;
            format.bytesperline = 0;
            adjust(format);
            static_cast<v4l2_format*>(argument)->fmt.pix = format;
            return 0;
        case VIDIOC_G_PARM:
        case VIDIOC_S_PARM:
            return setRate(static_cast<v4l2_streamparm*>(argument)->parm.capture);
        case VIDIOC_QUERYCTRL:
        case VIDIOC_S_CTRL:
            return control(request, argument);
        case VIDIOC_STREAMON:
            streaming_ = true;
            return 0;
        case VIDIOC_STREAMOFF:
            stop();
            return 0;
        default:
            return buffers(request, argument);
        }
    }

    int describe(v4l2_fmtdesc& description) const {
        if (description.index >= formats.size())
            return failed(EINVAL);
        description.pixelformat = formats[description.index];
        return 0;
    }

    int setRate(v4l2_captureparm& parameters) const {
        parameters.capability = setsFrameRate ? V4L2_CAP_TIMEPERFRAME : 0;
        auto& period = parameters.timeperframe;
        if (period.numerator != 0 && period.denominator > mostFrames * period.numerator)
            period = {1, mostFrames};
        return 0;
    }

    int control(unsigned long request, void* argument) {
        if (request == VIDIOC_QUERYCTRL) {
            auto& query = *static_cast<v4l2_queryctrl*>(argument);
            if (!controls.contains(query.id))
                return failed(EINVAL);
            query = controls[query.id];
            return 0;
        }
        const auto& set = *static_cast<v4l2_control*>(argument);
        written[set.id] = set.value;
        return 0;
    }

    int buffers(unsigned long request, void* argument) {
        if (request == VIDIOC_REQBUFS) {
            static_cast<v4l2_requestbuffers*>(argument)->count = grantedBuffers;
            memory_.assign(grantedBuffers, Bytes(bufferBytes));
            return 0;
        }
        auto& buffer = *static_cast<v4l2_buffer*>(argument);
        if (request == VIDIOC_QUERYBUF) {
            buffer.length = static_cast<std::uint32_t>(bufferBytes);
            buffer.m.offset = static_cast<std::uint32_t>(buffer.index * bufferOffset);
            return 0;
        }
        if (request == VIDIOC_QBUF) {
            queued_.push_back(buffer.index);
            return 0;
        }
        return request == VIDIOC_DQBUF ? dequeue(buffer) : failed(ENOTTY);
    }

    int dequeue(v4l2_buffer& buffer) {
        if (ready_.empty())
            return failed(EAGAIN);
        const auto [index, delivery] = std::move(ready_.front());
        ready_.pop_front();
        buffer.index = delivery.index.value_or(index);
        buffer.bytesused = static_cast<std::uint32_t>(delivery.bytes.size());
        buffer.flags = delivery.flags;
        if (delivery.stamped) {
            buffer.flags |= V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
            buffer.timestamp.tv_sec = delivery.stamped->count() / 1'000'000;
            buffer.timestamp.tv_usec = delivery.stamped->count() % 1'000'000;
        }
        return 0;
    }

    hal::ManualClock& clock_;
    bool streaming_ = false;
    std::vector<Bytes> memory_;
    std::deque<std::uint32_t> queued_;
    std::deque<std::pair<std::uint32_t, Delivery>> ready_;
};

} // namespace ykt::test
