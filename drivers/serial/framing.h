// A scan engine's bytes as payloads.
#pragma once

#include "drivers/serial/settings.h"

#include <optional>

namespace ykt::drivers::serial {

// The most that a QR symbol holds: 4296 alphanumeric characters in version 40-L (ISO/IEC 18004).
constexpr std::size_t longestPayload = 4296; // bytes

// What was on the line and is no payload.
struct Discards {
    std::uint64_t noise = 0;    // bytes outside of frames
    std::uint64_t halves = 0;   // frames that did not end
    std::uint64_t overlong = 0; // frames dropped whole, up to their end
    std::uint64_t refused = 0;  // frames of another symbology, or not encoded as they should be
};

// Fed byte by byte; nothing that it is fed makes it fail. A frame without content is none.
class FrameReader {
  public:
    explicit FrameReader(FrameSettings settings);

    // The payload that ends with this byte.
    std::optional<Bytes> feed(std::uint8_t byte);

    // The line was silent for longer than within a frame: what comes next is a frame's beginning.
    void pause();
    // Whether a pause would discard something.
    [[nodiscard]] bool midFrame() const { return state_ != State::outside; }

    [[nodiscard]] const Discards& discards() const { return discards_; }

  private:
    enum class State { outside, inside, skipping }; // skipping: a frame that is dropped, up to its end

    std::optional<Bytes> feedSuffixed(std::uint8_t byte);
    std::optional<Bytes> feedEnclosed(std::uint8_t byte);
    std::optional<Bytes> feedCounted(std::uint8_t byte);
    void append(std::uint8_t byte, std::size_t most);
    void begin();
    std::optional<Bytes> end();
    [[nodiscard]] std::size_t announced() const;
    [[nodiscard]] bool endsWithSuffix() const;

    const FrameSettings settings_;
    const std::size_t longestContent_; // of a frame: prefix and encoded payload
    State state_ = State::outside;
    Bytes content_; // Framing::length: with the length before it
    Discards discards_;
};

} // namespace ykt::drivers::serial
