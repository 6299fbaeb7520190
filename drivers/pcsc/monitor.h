// The one thread that watches all readers.
#pragma once

#include "drivers/pcsc/context.h"
#include "drivers/pcsc/limits.h"
#include "drivers/pcsc/slot.h"
#include "hal/clock.h"

#include <thread>

namespace ykt::drivers::pcsc {

// Sleeps in SCardGetStatusChange over all readers and the pseudo-reader of plug and play; when pcscd goes, it
// says so and comes back with growing pauses. Any thread may call.
class Monitor {
  public:
    // Returns with a first sight of the readers, or after a second without. `clock` must outlive the monitor
    // and allow calls from its thread.
    Monitor(const hal::Clock& clock, std::shared_ptr<Watchdog> watchdog, const Limits& limits);
    ~Monitor(); // stops the thread, within a second unless pcscd takes connections and then hangs
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

    // A slot that hears of the reader whose name contains `namePart`, for as long as someone holds it.
    std::shared_ptr<Slot> watch(std::string namePart);

    [[nodiscard]] std::vector<std::string> readerNames() const;

  private:
    void run(const std::stop_token& stop);
    bool serve(const Context& context, const std::stop_token& stop);
    void publish(Sight sight);
    void setInUse(const Context* context);

    const hal::Clock& clock_;
    const std::shared_ptr<Watchdog> watchdog_;
    const Milliseconds limit_; // for pcscd's answers
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    Sight sight_;
    bool sighted_ = false;
    const Context* inUse_ = nullptr; // by the thread
    std::vector<std::weak_ptr<Slot>> slots_;
    std::jthread thread_; // last: it uses all of the above
};

} // namespace ykt::drivers::pcsc
