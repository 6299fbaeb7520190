// A gate, a light and a sound that only remember what they were told.
#pragma once

#include "hal/actuators.h"
#include "hal/clock.h"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <mutex>
#include <vector>

namespace ykt::drivers {

struct Actuation {
    std::string_view actuator; // "gate", "light" or "sound"
    std::string_view signal;   // "open" for the gate, else the name of a hal::Signal
    Instant at;
};

// Any thread may call it and its actuators, which live as long as it does.
class ActuationLog {
  public:
    static constexpr std::size_t capacity = 4096; // actuations in memory, the oldest dropped first

    // With a `file`, each actuation is also appended to it as one line of JSON:
    // {"actuator":"gate","signal":"open","wall_ms":..,"monotonic_ns":..}. `clock` must outlive the log.
    explicit ActuationLog(const hal::Clock& clock, std::filesystem::path file = {});
    ~ActuationLog();
    ActuationLog(const ActuationLog&) = delete;
    ActuationLog& operator=(const ActuationLog&) = delete;

    hal::Gate& gate() { return gate_; }
    hal::Light& light() { return light_; }
    hal::Sound& sound() { return sound_; }

    [[nodiscard]] std::vector<Actuation> all() const;
    // Waits until `count` actuations were recorded in all. False: they were not, within `timeout`.
    [[nodiscard]] bool waitFor(std::size_t count, Milliseconds timeout) const;

  private:
    struct LoggedGate : hal::Gate {
        explicit LoggedGate(ActuationLog& owner) : log(owner) {}
        Result<void> open() override { return log.record("gate", "open"); }
        ActuationLog& log;
    };
    struct LoggedLight : hal::Light {
        explicit LoggedLight(ActuationLog& owner) : log(owner) {}
        Result<void> show(hal::Signal signal) override { return log.record("light", hal::nameOf(signal)); }
        ActuationLog& log;
    };
    struct LoggedSound : hal::Sound {
        explicit LoggedSound(ActuationLog& owner) : log(owner) {}
        Result<void> play(hal::Signal signal) override { return log.record("sound", hal::nameOf(signal)); }
        ActuationLog& log;
    };

    // Errors: wire_failed (the file cannot be written).
    Result<void> record(std::string_view actuator, std::string_view signal);
    Result<void> append(const Actuation& actuation);

    const hal::Clock& clock_;
    const std::filesystem::path path_;
    mutable std::mutex mutex_;
    mutable std::condition_variable recorded_;
    std::deque<Actuation> latest_;
    std::size_t count_ = 0;
    int file_ = -1; // opened by the first actuation
    LoggedGate gate_{*this};
    LoggedLight light_{*this};
    LoggedSound sound_{*this};
};

} // namespace ykt::drivers
