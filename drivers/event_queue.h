// What happened to one reader and was not asked for yet.
#pragma once

#include "hal/card_reader.h"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace ykt::drivers {

// Bounded: a lane that does not ask loses the oldest events, never the newest. Any thread may call.
class EventQueue {
  public:
    static constexpr std::size_t capacity = 64; // events

    void push(hal::CardEvent event);

    // Whether an event that was not asked for yet is such a one.
    [[nodiscard]] bool holds(bool (*such)(const hal::CardEvent&)) const;

    // As hal::CardReader::nextEvent.
    Result<std::optional<hal::CardEvent>> next(const std::stop_token& stop, Milliseconds timeout);

  private:
    mutable std::mutex mutex_;
    std::condition_variable_any pushed_;
    std::deque<hal::CardEvent> events_;
};

} // namespace ykt::drivers
