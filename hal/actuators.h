// What the terminal does to the world in front of it. Every outcome has all channels: gate, light and sound.
#pragma once

#include "base/result.h"

#include <string_view>

namespace ykt::hal {

// What the holder perceives. `again` asks for another presentation; `fault` says that the terminal is at
// fault.
enum class Signal { idle, accepted, refused, referred, again, fault };

constexpr std::string_view nameOf(Signal signal) {
    switch (signal) {
    case Signal::idle:
        return "idle";
    case Signal::accepted:
        return "accepted";
    case Signal::refused:
        return "refused";
    case Signal::referred:
        return "referred";
    case Signal::again:
        return "again";
    case Signal::fault:
        return "fault";
    }
    return "fault";
}

// Errors of all three: wire_failed, reader_gone (the device is not there).
class Gate {
  public:
    virtual ~Gate() = default;
    virtual Result<void> open() = 0; // lets one person through
};

class Light {
  public:
    virtual ~Light() = default;
    virtual Result<void> show(Signal signal) = 0;
};

class Sound {
  public:
    virtual ~Sound() = default;
    virtual Result<void> play(Signal signal) = 0;
};

} // namespace ykt::hal
