#include "drivers/serial/scanner.h"

#include <algorithm>

namespace ykt::drivers::serial {

Result<std::optional<Bytes>> Scanner::nextPayload(std::stop_token stop, Milliseconds timeout) {
    if (!line_)
        if (const auto opened = open(); !opened) {
            outage_.say(opened.error().context);
            return failWith(opened);
        }
    auto payload = await(stop, timeout);
    if (!payload && payload.error() == Reason::camera_gone) {
        outage_.say(name() + ": " + payload.error().context);
        line_.reset();
        frames_.pause();
    }
    return payload;
}

Result<void> Scanner::open() {
    auto line = Line::open(settings_.device, settings_.line, lacks_);
    if (!line)
        return failWith(line);
    line_ = std::move(*line);
    outage_.forget();
    return {};
}

Result<std::optional<Bytes>> Scanner::await(const std::stop_token& stop, Milliseconds timeout) {
    const auto end = clock_.now().monotonic + timeout;
    auto left = timeout;
    while (payloads_.empty()) {
        if (const auto read = readMore(stop, frames_.midFrame() ? std::min(left, longestGap) : left); !read)
            return failWith(read);
        if (payloads_.empty() && left <= Milliseconds{0})
            return std::nullopt;
        left = std::chrono::ceil<Milliseconds>(end - clock_.now().monotonic);
    }
    auto payload = std::move(payloads_.front());
    payloads_.pop_front();
    return payload;
}

// What is there within `timeout`, if anything.
Result<void> Scanner::readMore(const std::stop_token& stop, Milliseconds timeout) {
    const auto ready = wake_.await(line_->descriptor(), POLLIN, stop, timeout);
    if (!ready)
        return failWith(ready);
    if (*ready == 0) {
        endHalfFrame();
        return {};
    }
    const auto bytes = line_->read(); // what an unplugged line still holds comes before its end
    if (!bytes)
        return failWith(bytes);
    if (bytes->empty() && (*ready & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return fail(Reason::camera_gone, "hung up");
    for (const auto byte : *bytes)
        if (auto payload = frames_.feed(byte))
            payloads_.push_back(std::move(*payload));
    lastByte_ = clock_.now().monotonic;
    return {};
}

// Only a silence that was listened to tells: bytes that waited while nobody asked came who knows when.
void Scanner::endHalfFrame() {
    if (frames_.midFrame() && clock_.now().monotonic - lastByte_ >= longestGap)
        frames_.pause();
}

} // namespace ykt::drivers::serial
