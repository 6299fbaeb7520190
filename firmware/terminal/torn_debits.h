// Debits of which only the card knows whether they were made. Each has an open intent in the store; here it
// is settled when its card is seen again, and upstream is told when that takes too long.
#pragma once

#include "apdu/transit/purse.h"
#include "firmware/terminal/debit.h"
#include "firmware/terminal/payment.h"
#include "hal/clock.h"
#include "offline_store/store.h"

#include <atomic>
#include <functional>
#include <mutex>

namespace ykt::firmware::terminal {

class TornDebits {
  public:
    // `recorded` is called after each record that was appended here.
    TornDebits(offline_store::Store& store, const hal::Clock& clock, Milliseconds window,
               std::function<void()> recorded)
        : store_(store), clock_(clock), window_(window), recorded_(std::move(recorded)) {}

    using OpenSam = std::function<Result<std::shared_ptr<apdu::sam::Sam>>()>;

    // Asks the card about each debit that it left open and settles those it can tell about. A debit that was
    // made within the window is the ride that the holder is waiting for: its record is returned, and the
    // gate may open, because the card has proved itself to the SAM. Errors: debit_unfinished (the card left
    // again; nothing has changed), card_not_genuine (it cannot prove what it says; the intent stays open),
    // those of the SAM and of the store.
    Result<std::optional<Paid>> settle(apdu::transit::TransitPurse& purse, const ByteArray<32>& medium,
                                       const OpenSam& openSam);

    // Settles one intent whose card is still there after it refused a debit. False: it was not made.
    Result<bool> settleRefused(apdu::transit::TransitPurse& purse, const offline_store::Intent& intent);

    // Another card came to the lane that waited for this one: upstream is told now.
    void giveUp(std::uint64_t number);

    // Tells upstream of debits whose window is over. Cheap where there are none.
    void reportOverdue();

    // A debit was torn just now.
    void noteOpen() { mayBeOpen_ = true; }

  private:
    enum class Fate { made, not_made, unknown };
    struct Finding {
        Fate fate = Fate::unknown;
        Made made;
    };
    static Result<Finding> find(apdu::transit::TransitPurse& purse, const DebitIntent& intent);
    static Result<Finding> findInLog(apdu::transit::TransitPurse& purse, const Debit& debit);
    Result<std::optional<Paid>> settleOne(apdu::transit::TransitPurse& purse,
                                          const offline_store::Intent& intent, const OpenSam& openSam);
    Result<void> prove(apdu::transit::TransitPurse& purse, const offline_store::Intent& intent,
                       DebitIntent& decoded, const Made& made, const OpenSam& openSam);
    Result<void> proveGenuine(apdu::transit::TransitPurse& purse, const Debit& debit,
                              const OpenSam& openSam) const;
    Result<std::optional<offline_store::Record>>
    close(const offline_store::Intent& intent, const DebitIntent& decoded, const std::optional<Made>& made);
    [[nodiscard]] bool reported(const offline_store::Intent& intent);
    [[nodiscard]] bool withinWindow(const offline_store::Intent& intent) const;
    void report(const offline_store::Intent& intent);

    offline_store::Store& store_;
    const hal::Clock& clock_;
    Milliseconds window_;
    std::function<void()> recorded_;
    std::atomic<bool> mayBeOpen_ = true; // an earlier run may have left some
    std::mutex mutex_;                   // telling upstream and closing: one after the other, in every lane
};

} // namespace ykt::firmware::terminal
