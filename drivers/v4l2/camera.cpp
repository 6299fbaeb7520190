#include "drivers/v4l2/camera.h"

#include "drivers/v4l2/controls.h"

#include <algorithm>

namespace ykt::drivers::v4l2 {

Notice Camera::named(const Notice& notice) const {
    if (!notice)
        return {};
    return
        [notice, name = settings_.device.string()](const std::string& text) { notice(name + ": " + text); };
}

Result<std::optional<hal::Frame>> Camera::nextFrame(std::stop_token stop, Milliseconds timeout) {
    if (!stream_)
        if (const auto opened = open(); !opened) {
            outage_.say(opened.error().context);
            return failWith(opened);
        }
    auto frame = look(stop, timeout);
    if (!frame && frame.error() == Reason::camera_gone) {
        outage_.say(frame.error().context);
        stream_.reset();
    }
    return frame;
}

Result<void> Camera::open() {
    auto device = Device::open(settings_.device, calls_);
    if (!device)
        return failWith(device);
    const auto format = negotiate(**device, settings_, lacks_);
    if (!format)
        return failWith(format);
    apply(settings_.controls, **device, lacks_);
    auto stream = Stream::start(std::move(*device), *format, drops_);
    if (!stream)
        return failWith(stream);
    stream_ = std::move(*stream);
    lastSign_ = clock_.now().monotonic;
    restarted_ = false;
    return {};
}

Result<std::optional<hal::Frame>> Camera::look(const std::stop_token& stop, Milliseconds timeout) {
    if (stop.stop_requested())
        return fail(Reason::cancelled);
    auto filled = stream_->takeNewest();
    if (filled && *filled && stream_->overran()) {
        ++drops_.superseded;
        filled->reset();
    }
    if (filled && !*filled)
        filled = awaitNewest(stop, timeout);
    if (!filled)
        return failWith(filled);
    if (*filled)
        if (auto shown = show(**filled); !shown || *shown)
            return shown;
    if (const auto ended = endSilence(); !ended)
        return failWith(ended);
    return std::nullopt;
}

Result<std::optional<Filled>> Camera::awaitNewest(const std::stop_token& stop, Milliseconds timeout) {
    if (const auto given = stream_->giveBack(); !given)
        return failWith(given);
    const auto poll = [this](pollfd* waits, nfds_t count, int milliseconds) {
        return calls_.poll(waits, count, milliseconds);
    };
    const auto ready = wake_.await(stream_->device().descriptor(), POLLIN, stop, timeout, poll);
    if (!ready)
        return failWith(ready);
    if ((*ready & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return stream_->device().gone("poll", EIO);
    if (*ready == 0)
        return std::nullopt;
    return stream_->takeNewest();
}

// nullopt: the frame cannot be decoded.
Result<std::optional<hal::Frame>> Camera::show(const Filled& filled) {
    auto frame = luma_.frame(filled.bytes, stream_->format());
    if (!frame) {
        ++drops_.undecodable;
        return std::nullopt;
    }
    frame->taken = takenAt(filled);
    lastSign_ = clock_.now().monotonic;
    restarted_ = false;
    outage_.forget();
    return *frame;
}

MonotonicTime Camera::takenAt(const Filled& filled) const {
    const auto now = clock_.now().monotonic;
    if (!filled.stamped)
        return now;
    return std::min(now, MonotonicTime{*filled.stamped + calls_.slept()});
}

Result<void> Camera::endSilence() {
    const auto now = clock_.now().monotonic;
    if (now - lastSign_ < silence)
        return {};
    if (restarted_)
        return fail(Reason::camera_gone, name() + ": streams no whole frame");
    outage_.say(name() + ": streams no whole frame; it is restarted");
    lastSign_ = now;
    restarted_ = true;
    return stream_->restart();
}

} // namespace ykt::drivers::v4l2
